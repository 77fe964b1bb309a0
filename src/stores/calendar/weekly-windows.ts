import { DAY_SECONDS, formatTimeOfDay, parseTimeOfDay } from '../../platform/wall-time.js';
import type { Findings } from '../invalid.js';

/** Windows that one list may hold: more than any shop has, and few enough for every report to go through. */
export const MOST_WINDOWS = 200;

/** All seven days from 00:00 to 24:00: what rule 3 takes a store without hours for, but said by a person. */
export const AROUND_THE_CLOCK: readonly number[] = [0, 1, 2, 3, 4, 5, 6].flatMap((day) => [
  day,
  0,
  DAY_SECONDS,
]);

/** Whether the windows say in full what null says in short. */
export function isAroundTheClock(triples: readonly number[]): boolean {
  return triples.join() === AROUND_THE_CLOCK.join();
}

/**
 * Weekly windows of a body as (weekday, start, end) triples in order, each once: as a file's hours are kept.
 *
 * @param given the list; null for around the clock.
 */
export function readWeeklyWindows(given: readonly unknown[] | null, findings: Findings): number[] | null {
  if (given === null) return null;
  const windows = given.flatMap((window, place) => {
    const read = readWindow(window, `/windows/${place}`, ['day', 'start', 'end'], findings);
    if (read === null) return [];
    const { day } = window as { day?: unknown };
    if (Number.isInteger(day) && (day as number) >= 0 && (day as number) <= 6)
      return [[day as number, ...read]];
    findings.add(
      `/windows/${place}/day`,
      'bad_weekday',
      'day has to be a number from 0 (Monday) to 6 (Sunday).',
    );
    return [];
  });
  return inOrder(windows);
}

/** Windows of one date as (start, end) pairs in order, each once; none: closed. */
export function readDatedWindows(given: readonly unknown[], pointer: string, findings: Findings): number[] {
  return inOrder(
    given.flatMap((window, place) => {
      const read = readWindow(window, `${pointer}/${place}`, ['start', 'end'], findings);
      return read === null ? [] : [read];
    }),
  );
}

/** `{"start": "09:00:00", "end": "17:00:00"}` of a pair. */
export function presentWindow(start: number, end: number): { start: string; end: string } {
  return { start: formatTimeOfDay(start), end: formatTimeOfDay(end) };
}

function readWindow(
  given: unknown,
  pointer: string,
  members: readonly string[],
  findings: Findings,
): [number, number] | null {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    findings.add(
      pointer,
      'bad_window',
      `A window has to be an object with the members ${members.join(', ')}.`,
    );
    return null;
  }
  for (const name of Object.keys(given)) {
    if (!members.includes(name))
      findings.add(
        `${pointer}/${name.slice(0, 100)}`,
        'unknown_member',
        `'${name.slice(0, 100)}' is unknown here.`,
      );
  }
  const { start, end } = given as { start?: unknown; end?: unknown };
  const opens = typeof start === 'string' ? parseTimeOfDay(start) : null;
  const closes = typeof end === 'string' ? parseTimeOfDay(end) : null;
  if (opens === null || opens === DAY_SECONDS)
    findings.add(`${pointer}/start`, 'bad_time', 'start has to be a time such as "09:00:00", to "23:59:59".');
  if (closes === null)
    findings.add(`${pointer}/end`, 'bad_time', 'end has to be a time such as "17:00:00", to "24:00:00".');
  return opens === null || opens === DAY_SECONDS || closes === null ? null : [opens, closes];
}

function inOrder(windows: readonly number[][]): number[] {
  const sorted = windows.toSorted((a, b) => {
    const place = a.findIndex((value, index) => value !== b[index]);
    return place < 0 ? 0 : a[place]! - b[place]!;
  });
  return sorted.filter((window, index) => window.join() !== sorted[index - 1]?.join()).flat();
}
