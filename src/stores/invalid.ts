import { Problem, type ProblemEntry } from '../platform/problem.js';

/** Problems that are told at once; a list of thousands helps nobody. */
const MOST_TOLD = 20;

/** One thing wrong with a request, at a place. */
export function invalid(pointer: string, detail: string): Problem {
  return new Problem(400, 'invalid', detail, [{ pointer, code: 'invalid', detail }]);
}

/** Gathers what is wrong with a body, to tell it all at once. */
export class Findings {
  private readonly entries: ProblemEntry[] = [];

  add(pointer: string, code: string, detail: string): void {
    if (this.entries.length < MOST_TOLD) this.entries.push({ pointer, code, detail });
  }

  isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** @throws Problem 400 when there was anything. */
  refuse(): void {
    if (this.entries.length === 0) return;
    throw new Problem(400, 'invalid', this.entries.map(({ detail }) => detail).join(' '), this.entries);
  }
}
