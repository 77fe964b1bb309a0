import { ArrivalSorter } from './arrival-sorter.js';
import type { StoreDay } from './store-day.js';
import { BUFFER_NUMBERS, type RunFile, RunReader } from './run-file.js';

/**
 * Unites sorted runs into one, by store and day. Where two runs know an instant of a store, the later run holds, as
 * the later line of the file does. A store-day is good until the next one is asked for.
 *
 * @param memory lent to the readers, each a piece of it: as many as there are runs, they take no more than is there.
 * @param onSuperseded is told how many polls of earlier runs fell away.
 */
export function* mergeRuns(
  runs: readonly RunFile[],
  memory: Float64Array,
  onSuperseded: (count: number) => void,
): Generator<StoreDay> {
  const share = Math.min(BUFFER_NUMBERS, Math.floor(memory.length / runs.length));
  const readers = runs.map(
    (run, index) => new RunReader(run, memory.subarray(index * share, (index + 1) * share)),
  );
  const sorter = new ArrivalSorter();
  let joined = new Float64Array(4096);
  for (;;) {
    let first: StoreDay | null = null;
    for (const { current } of readers) {
      if (current !== null && (first === null || isBefore(current, first))) first = current;
    }
    if (first === null) return;
    const { store, day } = first;
    const holders = readers.filter(({ current }) => current?.store === store && current.day === day);
    if (holders.length === 1) yield first;
    else {
      // Each run of a large file may hold a little of each store-day: lists of their own for all of them would be
      // more memory than the garbage collector frees in time.
      let given = 0;
      for (const { current } of holders) given += current!.polls.length;
      if (given > joined.length) joined = new Float64Array(given * 2);
      let at = 0;
      for (const { current } of holders) {
        joined.set(current!.polls, at);
        at += current!.polls.length;
      }
      const polls = sorter.sort(joined.subarray(0, given));
      onSuperseded(given - polls.length);
      yield { store, day, polls, origins: null };
    }
    for (const holder of holders) holder.next();
  }
}

function isBefore(one: StoreDay, other: StoreDay): boolean {
  return one.store < other.store || (one.store === other.store && one.day < other.day);
}
