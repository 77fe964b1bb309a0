import { Problem, type ProblemEntry } from '../../platform/problem.js';
import { FILE_KINDS, type FileKind } from '../file-kind.js';
import { shown } from '../rows/problems.js';

/** What a caller may say about a load, besides its files. */
export interface LoadOptions {
  /** Load files although the same bytes were loaded before. */
  force: boolean;
  /** Bounds above which a file is refused whole; null: the configured ones. */
  rejectLimitShare: number | null;
  rejectLimitRows: number | null;
}

/** What a load is like when nothing is said. */
export const PLAIN_LOAD: LoadOptions = { force: false, rejectLimitShare: null, rejectLimitRows: null };

/** The fields of the form, and what each may say. */
const FIELDS = {
  kind: `one of ${FILE_KINDS.join(', ')}`,
  force: 'true or false',
  reject_limit_share: 'a number from 0 to 1',
  reject_limit_rows: 'a whole number from 1 to 1000000000',
} as const;
type Field = keyof typeof FIELDS;

const isField = (name: string): name is Field => Object.hasOwn(FIELDS, name);

/** Gathers the text fields of an upload's form, and whatever is wrong with them. */
export class UploadForm {
  readonly options: LoadOptions = { ...PLAIN_LOAD };
  readonly problems: ProblemEntry[] = [];
  private readonly given = new Set<Field>();
  private readonly kinds: FileKind[] = [];

  /** Takes a field. `kind` may come again and again, any other once. */
  field(name: string | undefined, value: string, truncated: boolean): void {
    const field = name ?? '';
    if (!isField(field)) {
      this.add(
        field,
        'unknown_field',
        `The form has no field ${shown(field)}; it takes ${Object.keys(FIELDS).join(', ')}, and files. A file is sent with a file name, as curl does for -F 'file=@store_status.csv'.`,
      );
    } else if (field !== 'kind' && this.given.has(field)) {
      this.add(field, 'field_repeated', `The field ${field} is given more than once.`);
    } else if (value.trim() === '') {
      // A form that a person left empty there says nothing.
      return;
    } else if (truncated || !this.read(field, value.trim())) {
      this.add(field, 'bad_field', `The field ${field} is ${shown(value)}; it has to be ${FIELDS[field]}.`);
    }
    if (isField(field)) this.given.add(field);
  }

  /** A file came under a name that is that of a text field. @returns whether it is so. */
  refuseFile(name: string | undefined): boolean {
    if (name === undefined || !isField(name)) return false;
    this.add(name, 'bad_field', `The field ${name} is a file; it has to be text: ${FIELDS[name]}.`);
    return true;
  }

  /** The kind named last, which files from here on have; null where none was named so far. */
  get kindSoFar(): FileKind | null {
    return this.kinds.at(-1) ?? null;
  }

  /** The kind of files before which none was named: the one that was named behind them, where it is the only one. */
  get kindOfOthers(): FileKind | null {
    return this.kinds.length === 1 ? this.kinds[0]! : null;
  }

  /** @throws Problem 400 with all that is wrong with the fields. */
  throwProblems(): void {
    if (this.problems.length === 0) return;
    const told = this.problems.map(({ detail }) => detail).join(' ');
    throw new Problem(400, 'invalid', `${told} Nothing of the upload was kept.`, this.problems);
  }

  private read(field: Field, value: string): boolean {
    switch (field) {
      case 'kind': {
        const kind = FILE_KINDS.find((one) => one === value);
        if (kind !== undefined) this.kinds.push(kind);
        return kind !== undefined;
      }
      case 'force':
        this.options.force = value === 'true';
        return value === 'true' || value === 'false';
      case 'reject_limit_share':
        this.options.rejectLimitShare = Number(value);
        return /^(\d{1,9}(\.\d{0,20})?|\.\d{1,20})$/.test(value) && Number(value) <= 1;
      case 'reject_limit_rows':
        this.options.rejectLimitRows = Number(value);
        return /^\d{1,10}$/.test(value) && Number(value) >= 1 && Number(value) <= 1e9;
    }
  }

  private add(field: string, code: string, detail: string): void {
    this.problems.push({ pointer: `/${field.slice(0, 100)}`, code, detail });
  }
}
