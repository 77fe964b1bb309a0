import type { StoreDay } from './store-day.js';
import { unitePolls } from '../stores/unite-polls.js';
import { type RunFile, RunReader } from './run-file.js';

/**
 * Unites sorted runs into one, by store and day. Where two runs know an instant of a store, the later run holds, as
 * the later line of the file does.
 *
 * @param onSuperseded is told how many polls of earlier runs fell away.
 */
export function* mergeRuns(
  runs: readonly RunFile[],
  onSuperseded: (count: number) => void,
): Generator<StoreDay> {
  const readers = runs.map((run) => new RunReader(run));
  for (;;) {
    let first: StoreDay | null = null;
    for (const { current } of readers) {
      if (current !== null && (first === null || isBefore(current, first))) first = current;
    }
    if (first === null) return;
    const { store, day } = first;
    let polls: Float64Array | null = null;
    const holders = readers.filter(({ current }) => current?.store === store && current.day === day);
    for (const { current } of holders) {
      if (current === null) continue;
      const given = current.polls.length + (polls?.length ?? 0);
      polls = polls === null ? current.polls : unitePolls(polls, current.polls).polls;
      onSuperseded(given - polls.length);
    }
    if (polls !== null) yield { store, day, polls };
    for (const holder of holders) holder.next();
  }
}

function isBefore(one: StoreDay, other: StoreDay): boolean {
  return one.store < other.store || (one.store === other.store && one.day < other.day);
}
