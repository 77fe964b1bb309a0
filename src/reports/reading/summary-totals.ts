import { REPORT_WINDOWS, type ReportWindow } from '../files/report-columns.js';
import type { Policy } from '../../availability/index.js';
import { windowsOf } from './by-window.js';
import { UNIT_US } from './row-fields.js';
import type { SummaryCountsView, TotalsView, WindowTotalsView } from './report-summary.view.js';

/** What is added up of each window, over the columns `hour_…`, `day_…` and `week_…` of `report_rows`. */
const SUMMED = {
  open: (window) => `sum(${window}_open_us)`,
  uptime: (window) => `sum(${window}_uptime_us)`,
  downtime: (window) => `sum(${window}_downtime_us)`,
  unobserved: (window) => `sum(${window}_unobserved_us)`,
  uptimeMin: (window) => `sum(${window}_uptime_min_us)`,
  downtimeMin: (window) => `sum(${window}_downtime_min_us)`,
  inactive: (window) => `sum(${window}_inactive_us)`,
  polls: (window) => `sum(${window}_polls)`,
  pollsOutside: (window) => `sum(${window}_polls_outside)`,
  withoutOpenTime: (window) => `count(*) FILTER (WHERE ${window}_open_us = 0)`,
  fullyUnobserved: (window) =>
    `count(*) FILTER (WHERE ${window}_open_us > 0 AND ${window}_unobserved_us = ${window}_open_us)`,
  alwaysUp: (window) =>
    `count(*) FILTER (WHERE ${window}_unobserved_us < ${window}_open_us AND ${window}_downtime_us = 0)`,
  alwaysDown: (window) =>
    `count(*) FILTER (WHERE ${window}_unobserved_us < ${window}_open_us AND ${window}_uptime_us = 0)`,
} as const satisfies Record<string, (window: ReportWindow) => string>;
type Figure = keyof typeof SUMMED;
const FIGURES = Object.keys(SUMMED) as Figure[];
const COUNTED = [
  'count(*)',
  'count(*) FILTER (WHERE assumed_zone)',
  'count(*) FILTER (WHERE assumed_hours)',
  'count(*) FILTER (WHERE outages > 0)',
  'sum(outages)',
];

/** One row for each zone, as arrays: the zone, then what `SummedRows` reads. */
export const TOTALS_BY_ZONE = `
  SELECT zone, ${[...COUNTED, ...REPORT_WINDOWS.flatMap((window) => FIGURES.map((name) => SUMMED[name](window)))].join(', ')}
    FROM report_rows WHERE report_id = $1 GROUP BY zone`;

/** Exact sums over stores; a million weeks of microseconds are more than a JS number holds. */
export class ExactSums {
  /** @param sums in the order in which `TOTALS_BY_ZONE` selects them, behind the zone. */
  constructor(private readonly sums: readonly bigint[]) {}

  static of(texts: readonly string[]): ExactSums {
    return new ExactSums(texts.map(BigInt));
  }

  static none(): ExactSums {
    return new ExactSums(
      Array.from({ length: COUNTED.length + REPORT_WINDOWS.length * FIGURES.length }, () => 0n),
    );
  }

  plus(other: ExactSums): ExactSums {
    return new ExactSums(this.sums.map((sum, place) => sum + other.sums[place]!));
  }

  get stores(): number {
    return Number(this.sums[0]);
  }

  counts(): SummaryCountsView {
    const [, assumedZone, assumedHours, withOutages, outages] = this.sums.map(Number);
    return {
      assumed_zone: assumedZone!,
      assumed_hours: assumedHours!,
      with_outages: withOutages!,
      outages: outages!,
    };
  }

  totals(unobserved: Policy['unobserved']): TotalsView {
    return windowsOf((window) => this.totalsOf(window, unobserved));
  }

  private totalsOf(window: ReportWindow, unobserved: Policy['unobserved']): WindowTotalsView {
    const first = COUNTED.length + REPORT_WINDOWS.indexOf(window) * FIGURES.length;
    const sum = (name: Figure): bigint => this.sums[first + FIGURES.indexOf(name)]!;
    const open = sum('open');
    const uptime = sum('uptime');
    const downtime = sum('downtime');
    const uptimeMax = open - sum('downtimeMin');
    const counts = (name: Figure): number => Number(sum(name));
    const single =
      counts('alwaysUp') + counts('alwaysDown') + counts('fullyUnobserved') + counts('withoutOpenTime');
    return {
      open_hours: hours(open),
      uptime_hours: hours(uptime),
      downtime_hours: hours(downtime),
      unobserved_hours: hours(sum('unobserved')),
      excluded_hours: hours(open - uptime - downtime),
      observed_uptime_hours: hours(unobserved === 'up' ? uptime - sum('unobserved') : uptime),
      observed_downtime_hours: hours(unobserved === 'down' ? downtime - sum('unobserved') : downtime),
      uptime_min_hours: hours(sum('uptimeMin')),
      uptime_max_hours: hours(uptimeMax),
      inactive_hours: hours(sum('inactive')),
      availability_percent: percent(uptime, uptime + downtime),
      availability_min_percent: percent(sum('uptimeMin'), open),
      availability_max_percent: percent(uptimeMax, open),
      coverage: share(sum('uptimeMin') + sum('downtimeMin'), open),
      polls: counts('polls'),
      polls_outside_hours: counts('pollsOutside'),
      stores: {
        always_up: counts('alwaysUp'),
        always_down: counts('alwaysDown'),
        partly_up: this.stores - single,
        fully_unobserved: counts('fullyUnobserved'),
        without_open_time: counts('withoutOpenTime'),
      },
    };
  }
}

export function hours(us: bigint): number {
  return Number(halfUp(us * 100n, BigInt(UNIT_US.hours))) / 100;
}

export function percent(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : Number(halfUp(part * 10_000n, whole)) / 100;
}

function share(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : Number(halfUp(part * 10_000n, whole)) / 10_000;
}

function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator * 2n + denominator) / (denominator * 2n);
}
