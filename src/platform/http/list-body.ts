import { whyNoJson } from '../json-text.js';
import { Problem } from '../problem.js';

/** What a list is of, and how long it may be. */
export interface ListOf {
  /** `a poll`. */
  one: string;
  /** `polls`. */
  many: string;
  most: number;
}

/** The values of a body, not looked at yet, and how to speak of each. */
export interface ListedValues {
  values: readonly unknown[];
  /** Where the n-th value stands (RFC 6901): '' for a lone object, `/17` in a list; lines count from 0 as well. */
  pointerOf(index: number): string;
  /** What a sentence about it begins with: `Line 18: `, or nothing where the pointer says it all. */
  prefixOf(index: number): string;
}

/** Stands for a line of NDJSON that is no JSON. */
export class NoJson {
  constructor(readonly text: string) {}
}

/**
 * Reads one object or a list of objects. Without a reviver, which would be called for every member: whoever takes the
 * values reads the members that it knows, and merges nothing.
 *
 * @throws Problem when it is no JSON, or has more of them than allowed.
 */
export function readJsonList(body: Buffer, of: ListOf): ListedValues {
  const text = textOf(body);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Problem(400, 'bad_body', `The body is no JSON: ${whyNoJson(text)}.`);
  }
  if (!Array.isArray(parsed)) return { values: [parsed], pointerOf: () => '', prefixOf: () => '' };
  refuseMany(parsed.length, of);
  return { values: parsed, pointerOf: (index) => `/${index}`, prefixOf: () => '' };
}

/**
 * Reads an object a line; blank lines are none.
 *
 * @throws Problem when it holds no line at all, or more than allowed.
 */
export function readLines(body: Buffer, of: ListOf): ListedValues {
  const values: unknown[] = [];
  const lines: number[] = [];
  for (const [line, text] of textOf(body).split('\n').entries()) {
    if (text.trim() === '') continue;
    refuseMany(values.length + 1, of);
    lines.push(line);
    values.push(parsedLine(text));
  }
  if (values.length === 0)
    throw new Problem(400, 'bad_body', `The body is empty. It has to hold ${of.one} on each line.`);
  return {
    values,
    pointerOf: (index) => `/${lines[index]!}`,
    prefixOf: (index) => `Line ${lines[index]! + 1}: `,
  };
}

function parsedLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return new NoJson(text);
  }
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Problem(400, 'bad_encoding', 'The body holds bytes that are no UTF-8. Send it as UTF-8.');
  }
}

function refuseMany(count: number, { many, most }: ListOf): void {
  if (count <= most) return;
  throw new Problem(
    413,
    `too_many_${many}`,
    `A request brings at most ${most.toLocaleString('en')} ${many}, and this one has more. Nothing of it was kept; send it in pieces.`,
  );
}
