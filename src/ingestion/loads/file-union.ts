import { ArrivalSorter } from './arrival-sorter.js';

/** A store's polls out of several files. Good until the next store is asked for. */
export interface UnitedFiles {
  /** Sorted, one for each instant: the last file's that names it. */
  polls: Float64Array;
  /** For each poll, the file that named its instant first. */
  origins: Uint8Array;
}

/** Unites the polls that several files hold of a store, as if they were merged one after another, and counts for each. */
export class FileUnion {
  /** Rows that a later row of the same file replaced. */
  readonly superseded: number[];
  /** Rows of instants that an earlier file names too: as that file has it, or otherwise. */
  readonly unchanged: number[];
  readonly replaced: number[];

  private readonly sorter = new ArrivalSorter();
  private polls = new Float64Array(4096);
  private origins = new Uint8Array(4096);
  private nextPolls = new Float64Array(4096);
  private nextOrigins = new Uint8Array(4096);
  private count = 0;

  constructor(files: number) {
    this.superseded = Array.from({ length: files }, () => 0);
    this.unchanged = [...this.superseded];
    this.replaced = [...this.superseded];
  }

  /** Two files say different things about one instant. */
  get clashes(): boolean {
    return this.replaced.some((count) => count > 0);
  }

  /**
   * @param arrived codes of one store in the order of arrival, file after file.
   * @param sources the file of each, ascending.
   */
  unite(arrived: Float64Array, sources: Uint8Array): UnitedFiles {
    this.makeRoom(arrived.length);
    this.count = 0;
    for (let start = 0; start < arrived.length; ) {
      const file = sources[start]!;
      let end = start + 1;
      while (end < arrived.length && sources[end] === file) end++;
      const sorted = this.sorter.sort(arrived.subarray(start, end));
      this.superseded[file]! += end - start - sorted.length;
      this.add(sorted, file);
      start = end;
    }
    return { polls: this.polls.subarray(0, this.count), origins: this.origins.subarray(0, this.count) };
  }

  private add(later: Float64Array, file: number): void {
    const { polls, origins, nextPolls, nextOrigins } = this;
    let e = 0;
    let n = 0;
    for (const code of later) {
      const instant = Math.floor(code / 2);
      while (e < this.count && Math.floor(polls[e]! / 2) < instant) {
        nextPolls[n] = polls[e]!;
        nextOrigins[n++] = origins[e++]!;
      }
      const isKnown = e < this.count && Math.floor(polls[e]! / 2) === instant;
      if (isKnown) (polls[e] === code ? this.unchanged : this.replaced)[file]!++;
      nextPolls[n] = code;
      nextOrigins[n++] = isKnown ? origins[e++]! : file;
    }
    for (; e < this.count; e++, n++) {
      nextPolls[n] = polls[e]!;
      nextOrigins[n] = origins[e]!;
    }
    this.count = n;
    [this.polls, this.nextPolls] = [nextPolls, polls];
    [this.origins, this.nextOrigins] = [nextOrigins, origins];
  }

  private makeRoom(least: number): void {
    if (this.polls.length >= least) return;
    this.polls = new Float64Array(least * 2);
    this.nextPolls = new Float64Array(least * 2);
    this.origins = new Uint8Array(least * 2);
    this.nextOrigins = new Uint8Array(least * 2);
  }
}
