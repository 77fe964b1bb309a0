import { isObject, type JsonObject } from '../../platform/json-object.js';
import { Findings } from '../../stores/invalid.js';

export const NOTHING: JsonObject = Object.freeze({});

/** Zones of a layout, and as many lines and cameras. */
export const MOST_PARTS = 1_000;

/** Corners of all zones together: each edge of a zone is compared with every other, while everybody else waits. */
export const MOST_CORNERS = 50_000;

export const LONGEST_SHOWN = 100;

/** An RFC 6901 pointer to a member or an item. */
export function below(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).slice(0, LONGEST_SHOWN).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The members of an object, read one by one; those that nobody asks for are left over. A null is as good as none. */
export class BodyMembers {
  private readonly members: Map<string, unknown>;

  constructor(
    given: JsonObject,
    readonly pointer: string,
    private readonly findings: Findings,
  ) {
    this.members = new Map(Object.entries(given));
  }

  has(name: string): boolean {
    return this.members.has(name);
  }

  take(name: string): unknown {
    const value = this.members.get(name);
    this.members.delete(name);
    return value ?? undefined;
  }

  text(name: string, otherwise: string, most: number): string {
    const value = this.take(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'string' && value.length <= most && !/\p{Cc}/u.test(value)) return value;
    this.wrong(name, 'bad_text', `has to be text of at most ${most} characters, without control characters`);
    return otherwise;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.take(name) ?? otherwise;
    if (typeof value === 'boolean') return value;
    this.wrong(name, 'bad_flag', 'has to be true or false');
    return otherwise;
  }

  whole(name: string, otherwise: number, most: number): number;
  whole(name: string, otherwise: null, most: number): number | null;
  whole(name: string, otherwise: number | null, most: number): number | null {
    const value = this.take(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value + 0;
    this.wrong(name, 'bad_number', `has to be a whole number from 0 to ${most}`);
    return otherwise;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
    const value = this.take(name);
    if (value === undefined) return otherwise;
    const found = allowed.find((one) => one === value);
    if (found === undefined) this.wrong(name, `unknown_${name}`, `has to be one of ${allowed.join(', ')}`);
    return found ?? otherwise;
  }

  /** Members that nobody took, and those that stand in `data` already. */
  rest(): JsonObject {
    const data = this.take('data') ?? NOTHING;
    if (!isObject(data)) {
      this.wrong('data', 'bad_data', 'has to be an object');
      return NOTHING;
    }
    for (const name of this.members.keys())
      if (Object.hasOwn(data, name)) this.wrong(name, 'given_twice', `stands in data too; give it once`);
    return Object.fromEntries([...Object.entries(data), ...this.members]);
  }

  /** @param rule the rest of a sentence that begins with the member's name. */
  wrong(name: string, code: string, rule: string): void {
    this.findings.add(below(this.pointer, name), code, `${name.slice(0, LONGEST_SHOWN)} ${rule}.`);
  }

  /** As `wrong`, in a sentence of its own. */
  tell(name: string, { code, detail }: { code: string; detail: string }): void {
    this.findings.add(below(this.pointer, name), code, detail);
  }
}

/** Tells of what JSON can say and no database can keep: half a character, a NUL, a number beyond all numbers. */
export function refuseUnkeepable(value: unknown, pointer: string, findings: Findings): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) findings.add(pointer, 'not_finite', 'A number is too large to be kept.');
  } else if (typeof value === 'string') {
    if (isUnkeepable(value)) findings.add(pointer, 'bad_text', 'Text holds a NUL, or half a character.');
  } else if (Array.isArray(value)) {
    for (const [place, item] of value.entries()) refuseUnkeepable(item, below(pointer, place), findings);
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (isUnkeepable(name))
        findings.add(pointer, 'bad_text', 'The name of a member holds a NUL, or half a character.');
      refuseUnkeepable(member, below(pointer, name), findings);
    }
  }
}

function isUnkeepable(text: string): boolean {
  return /[\0\p{Cs}]/u.test(text);
}
