import { type Availability, toHundredths } from '../../availability/index.js';
import { REPORT_WINDOWS, WINDOW_UNITS } from '../files/report-columns.js';
import { UNIT_US } from '../reading/row-fields.js';
import type { DifferingStoreView, LabFiguresView } from './lab.view.js';

const MOST_SHOWN = 50;
const WINDOW = { hour: 'lastHour', day: 'lastDay', week: 'lastWeek' } as const;
/** The six figures of a report. */
const FIGURES = (['uptime', 'downtime'] as const).flatMap((figure) =>
  REPORT_WINDOWS.map((window) => ({
    name: `${figure}_last_${window}`,
    window: WINDOW[window],
    figure: `${figure}Us` as const,
    unitUs: UNIT_US[WINDOW_UNITS[window]],
  })),
);

interface Differing {
  storeId: string;
  spreadUs: number;
  view: DifferingStoreView;
}

/** Counts the stores whose figures depend on the set, and keeps those that do so most. */
export class MostDiffering {
  differing = 0;
  /** In order, the first differs most; never more than are shown. */
  private readonly top: Differing[] = [];

  constructor(private readonly setNames: readonly string[]) {}

  /** @param bySet what each set makes of the store, in the order of the sets. */
  add(storeId: string, zone: string, bySet: readonly Availability[]): void {
    if (!differ(bySet)) return;
    this.differing += 1;
    const uptimes = bySet.map(({ lastWeek }) => lastWeek.uptimeUs);
    const spreadUs = Math.max(...uptimes) - Math.min(...uptimes);
    const last = this.top[MOST_SHOWN - 1];
    if (last !== undefined && !isBefore(spreadUs, storeId, last)) return;
    const place = this.top.findIndex((other) => isBefore(spreadUs, storeId, other));
    const view = this.viewOf(storeId, zone, spreadUs, bySet);
    this.top.splice(place < 0 ? this.top.length : place, 0, { storeId, spreadUs, view });
    if (this.top.length > MOST_SHOWN) this.top.pop();
  }

  present(): DifferingStoreView[] {
    return this.top.map(({ view }) => view);
  }

  private viewOf(
    storeId: string,
    zone: string,
    spreadUs: number,
    bySet: readonly Availability[],
  ): DifferingStoreView {
    return {
      store_id: storeId,
      zone,
      uptime_last_week_spread: toHundredths(spreadUs, UNIT_US.hours) / 100,
      uptime_last_week_spread_us: spreadUs,
      figures: bySet.map((availability, place) => figuresOf(this.setNames[place]!, availability)),
    };
  }
}

function differ([first, ...others]: readonly Availability[]): boolean {
  return FIGURES.some(({ window, figure }) =>
    others.some((other) => other[window][figure] !== first![window][figure]),
  );
}

/** Larger spread first, then by the bytes of the id, as the database orders ids. */
function isBefore(spreadUs: number, storeId: string, other: Differing): boolean {
  if (spreadUs !== other.spreadUs) return spreadUs > other.spreadUs;
  return Buffer.compare(Buffer.from(storeId), Buffer.from(other.storeId)) < 0;
}

function figuresOf(set: string, availability: Availability): LabFiguresView {
  const figures = FIGURES.map(({ name, window, figure, unitUs }): [string, number] => [
    name,
    toHundredths(availability[window][figure], unitUs) / 100,
  ]);
  return { set, ...Object.fromEntries(figures) } as unknown as LabFiguresView;
}
