import { localClock } from '../../availability/index.js';
import { DAY_US, formatInstantUs, parseInstantUs } from '../../platform/instant.js';
import { DATE_RULE, parseDate } from '../../platform/wall-time.js';
import { invalid } from '../../stores/invalid.js';
import { type StoreState, todayOf } from '../../stores/store-state.js';
import { MINUTE_US } from '../meaning/pieces.js';

/** Of which time figures are wanted: from the first instant up to, not including, the second. */
export interface FigureRange {
  readonly fromUs: number;
  readonly toUs: number;
}

export interface AskedRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly date?: string | undefined;
}

export const MOST_DAYS = 31;

/**
 * The time that a request names. Without any, the store's local date so far, up to the end of the minute, so that
 * whoever asks twice within it gets the same answer.
 *
 * @throws Problem 400
 */
export function figureRange(
  { from, to, date }: AskedRange,
  store: StoreState,
  defaultZone: string,
  nowUs: number,
): FigureRange {
  if (date !== undefined && (from !== undefined || to !== undefined))
    throw invalid('/date', 'date names a whole local date; leave it out, or from and to.');
  if (date !== undefined) return localDate(date, store, defaultZone);
  const toUs = to === undefined ? (Math.floor(nowUs / MINUTE_US) + 1) * MINUTE_US : parseInstantUs(to)!;
  const fromUs =
    from === undefined ? startOfDate(todayOf(store, defaultZone, toUs - 1), toUs) : parseInstantUs(from)!;
  if (fromUs >= toUs)
    throw invalid(
      '/from',
      `from, ${formatInstantUs(fromUs)}, has to be before to, ${formatInstantUs(toUs)}; without to, the time reaches up to now.`,
    );
  if (toUs - fromUs > MOST_DAYS * DAY_US)
    throw invalid('/from', `from has to be at most ${MOST_DAYS} days before to. Ask for a part of the time.`);
  return { fromUs, toUs };
}

/** Midnight of the local date that ends at, or holds the time before, an instant. */
function startOfDate({ zone }: { zone: string }, toUs: number): number {
  const clock = localClock(zone);
  return clock.instantOf(clock.dateAt(toUs - 1) * DAY_US);
}

function localDate(text: string, store: StoreState, defaultZone: string): FigureRange {
  const date = parseDate(text);
  if (date === null) throw invalid('/date', `date, '${text.slice(0, 40)}', has to be ${DATE_RULE}.`);
  // The zone of that date's noon: no zone is farther from UTC than that.
  const { zone } = todayOf(store, defaultZone, date * DAY_US + DAY_US / 2);
  const clock = localClock(zone);
  return { fromUs: clock.instantOf(date * DAY_US), toUs: clock.instantOf((date + 1) * DAY_US) };
}
