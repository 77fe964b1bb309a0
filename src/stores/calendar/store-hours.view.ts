import { ApiProperty } from '@nestjs/swagger';
import { formatDate } from '../../platform/wall-time.js';
import { hoursOn, type StoreState } from '../store-state.js';
import { dateOrNull } from '../store.view.js';
import { isAroundTheClock, presentWindow } from './weekly-windows.js';

export class WeeklyWindowView {
  /** 0 is Monday, 6 is Sunday. */
  day: number;
  start: string;
  end: string;
}

/** Weekly hours, and from when on they hold. */
export class HoursVersionView {
  /** Null: open around the clock. */
  @ApiProperty({ type: [WeeklyWindowView], nullable: true })
  windows: WeeklyWindowView[] | null;
  /** The date from whose business day on they hold; null: before the first change. */
  @ApiProperty({ type: String, format: 'date', nullable: true })
  effective_from: string | null;
  /** Nobody said so: no hours are known. */
  assumed: boolean;
}

/** The hours of a store: those of one date, and all there are. */
export class HoursView extends HoursVersionView {
  store_id: string;
  /** The date for which `windows` are told. Exceptions of single dates are told elsewhere. */
  date: string;
  /** Rows of hours came in a file and every one was rejected. */
  rejected: boolean;
  /** In order of date. */
  versions: HoursVersionView[];
}

export function presentHours(store: StoreState, date: number): HoursView {
  const { windows, fromDate } = hoursOn(store, date);
  return {
    store_id: store.id,
    date: formatDate(date),
    ...presentVersion(windows, fromDate),
    rejected: store.hoursRejected,
    versions: [
      presentVersion(store.hours, null),
      ...store.hoursChanges.map((change) => presentVersion(change.windows, change.fromDate)),
    ],
  };
}

function presentVersion(triples: readonly number[] | null, fromDate: number | null): HoursVersionView {
  return {
    windows: triples === null || isAroundTheClock(triples) ? null : presentTriples(triples),
    effective_from: dateOrNull(fromDate),
    assumed: triples === null && fromDate === null,
  };
}

function presentTriples(triples: readonly number[]): WeeklyWindowView[] {
  const windows: WeeklyWindowView[] = [];
  for (let at = 0; at < triples.length; at += 3)
    windows.push({ day: triples[at]!, ...presentWindow(triples[at + 1]!, triples[at + 2]!) });
  return windows;
}
