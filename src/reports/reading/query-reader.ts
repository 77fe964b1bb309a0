import { Problem, type ProblemEntry } from '../../platform/problem.js';

export type Query = Readonly<Record<string, unknown>>;

const MOST_TOLD = 20;
const LONGEST_TOLD = 60;
const LARGEST_OFFSET = 2_147_483_647;
/** A number as people write it: no exponent, no hexadecimal, no endless digits. */
const DECIMAL = /^-?\d{1,12}(?:\.\d{1,9})?$/;

/**
 * Reads the parameters of a query one by one, and refuses in one answer all that is wrong with them: unknown names,
 * with those that are allowed, names given twice, and values that can't be.
 */
export class QueryReader {
  private readonly problems: ProblemEntry[] = [];

  /**
   * @param allowed all names that this address knows.
   * @param told the same for people, where they are too many to be read one by one.
   */
  constructor(
    private readonly query: Query,
    allowed: readonly string[],
    told = allowed.join(', ') || 'none',
  ) {
    const known = new Set(allowed);
    const unknown = Object.keys(query).filter((name) => !known.has(name));
    for (const [place, name] of unknown.entries()) {
      const hint = place === 0 ? ` Allowed here: ${told}.` : '';
      this.refuse(name, 'unknown_parameter', `'${shortened(name)}' is unknown here.${hint}`);
    }
    for (const [name, value] of Object.entries(query)) {
      if (known.has(name) && typeof value !== 'string')
        this.refuse(name, 'given_twice', `${name} may be given once.`);
    }
  }

  /** The text of a parameter; undefined: it was not given, or not once. */
  text(name: string, longest = 200): string | undefined {
    const value = this.query[name];
    if (typeof value !== 'string') return undefined;
    if (value.length <= longest) return value;
    this.refuse(name, 'too_long', `${name} has to be at most ${longest} characters; it has ${value.length}.`);
    return undefined;
  }

  /** One of the words that `meanings` lists. */
  word<T>(name: string, meanings: ReadonlyMap<string, T>): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const meaning = meanings.get(value);
    if (meaning === undefined)
      this.refuse(name, 'not_allowed', `${name} has to be one of ${[...meanings.keys()].join(', ')}.`);
    return meaning;
  }

  whole(name: string, least: number, most: number, otherwise: number): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    this.refuse(name, 'not_allowed', `${name} has to be a whole number from ${least} to ${most}.`);
    return otherwise;
  }

  decimal(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (DECIMAL.test(value)) return Number(value);
    this.refuse(name, 'not_allowed', `${name} has to be a number such as 12 or 12.5.`);
    return undefined;
  }

  /** `limit` and `offset` of a list that does not change. */
  page(): { limit: number; offset: number } {
    return { limit: this.whole('limit', 1, 500, 50), offset: this.whole('offset', 0, LARGEST_OFFSET, 0) };
  }

  refuse(name: string, code: string, detail: string): void {
    const pointer = `/${shortened(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (this.problems.length < MOST_TOLD) this.problems.push({ pointer, code, detail });
  }

  /** To be called when all has been read. @throws Problem 400 when anything was wrong. */
  finish(): void {
    if (this.problems.length === 0) return;
    throw new Problem(400, 'invalid', this.problems.map(({ detail }) => detail).join(' '), this.problems);
  }
}

/** For an address that takes no parameters. @throws Problem 400 when there is one. */
export function refuseAll(query: Query): void {
  new QueryReader(query, []).finish();
}

/** What a client sent, as it may be repeated to it. */
export function shortened(text: string): string {
  return text.length <= LONGEST_TOLD ? text : `${text.slice(0, LONGEST_TOLD)}…`;
}
