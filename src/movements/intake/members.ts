import type { ProblemEntry } from '../../platform/problem.js';

/** What nearly all texts are, and what is found out in a tenth of the time of the rest. */
const PLAIN = /^[\x20-\x7e]*$/;

/** What a member of text has to be. */
export interface TextRule {
  /** Characters, at most. */
  readonly most: number;
  /** An identity: a JSON number is refused with the reason. */
  readonly id?: boolean;
}

/** Reads the members of one event and gathers everything that is wrong with them. */
export class Members {
  readonly problems: ProblemEntry[] = [];

  constructor(private readonly value: Readonly<Record<string, unknown>>) {}

  /** Null stands for a member that is not there: clients send it for what they do not know. */
  get(name: string): unknown {
    return this.value[name] ?? undefined;
  }

  tell(name: string, code: string, detail: string): void {
    this.problems.push({ pointer: `/${name}`, code, detail });
  }

  /** Text that has to be there and say something; '' when there is a problem. */
  text(name: string, rule: TextRule): string {
    if (this.get(name) !== undefined) return this.optionalText(name, rule, false);
    this.tell(name, `${name}_missing`, `The ${name} is missing.`);
    return '';
  }

  /** '' when it is not there, or there is a problem. */
  optionalText(name: string, { most, id = false }: TextRule, mayBeEmpty = true): string {
    const value = this.get(name);
    if (value === undefined) return '';
    if (typeof value !== 'string') {
      if (id && typeof value === 'number')
        this.tell(
          name,
          `${name}_number`,
          `The ${name} is a JSON number, which loses digits above 9007199254740991 and zeros in front. Ids have to be text: "${name}": "${String(value).slice(0, 30)}".`,
        );
      else this.tell(name, 'not_text', `The ${name} is ${kindOf(value)}. It has to be text.`);
      return '';
    }
    if (value.trim() === '') {
      if (!mayBeEmpty) this.tell(name, `${name}_empty`, `The ${name} is empty.`);
      return '';
    }
    return this.checked(name, value, most);
  }

  /** One of a few words; the first of them when it is not there. */
  word<T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const found = this.optionalWord(name, allowed);
    return found ?? allowed[0];
  }

  optionalWord<T extends string>(name: string, allowed: readonly T[]): T | null {
    const value = this.get(name);
    if (value === undefined) return null;
    const found = allowed.find((word) => word === value);
    if (found !== undefined) return found;
    const given = typeof value === 'string' ? quoted(value) : kindOf(value);
    this.tell(name, `bad_${name}`, `The ${name} is ${given}. It has to be one of ${allowed.join(', ')}.`);
    return null;
  }

  /** Text that a column can hold, and a person can read. */
  private checked(name: string, value: string, most: number): string {
    if (value.length <= most && PLAIN.test(value)) return value;
    if (/\p{Surrogate}/u.test(value))
      this.tell(
        name,
        'bad_encoding',
        `The ${name} holds half of a character (a lone surrogate), which no text can keep.`,
      );
    else if (/\p{Cc}/u.test(value))
      this.tell(
        name,
        'control_character',
        `The ${name} holds a control character, such as a line break or NUL.`,
      );
    else if (value.length > most && (value.length > 2 * most || [...value].length > most))
      this.tell(name, `${name}_too_long`, `The ${name} is longer than ${most} characters.`);
    else return value;
    return '';
  }
}

/** Text of others in a sentence of ours: cut, and without what a terminal would obey. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a JSON ${typeof value}`;
}
