import type { Availability, WindowFigures } from '../../availability/index.js';
import { hours, percent } from '../reading/summary-totals.js';
import type { QuantilesView } from '../reading/report-summary.view.js';
import type {
  LabSetResultView,
  LabTotalsView,
  LabWindowTotalsView,
  WeekAvailabilityView,
} from './lab.view.js';

const WINDOWS = ['lastHour', 'lastDay', 'lastWeek'] as const;
const SUMMED = ['openUs', 'uptimeUs', 'downtimeUs', 'unobservedUs', 'excludedUs'] as const;
/** The weeks of so many stores are, in microseconds, a number that is exact. */
const STORES_EXACT = 8_192;
const BINS = 20;
const WHOLE = 10_000;
const QUANTILES = { p1: 1, p5: 5, p25: 25, p50: 50, p75: 75, p95: 95, p99: 99 } as const;

/** Adds up what one set of options makes of the stores: exactly, and in the same memory for any number of them. */
export class SetTally {
  /** Of the last few stores, in the order of windows and figures; then those of all before. */
  private readonly recent = new Float64Array(WINDOWS.length * SUMMED.length);
  private readonly before = Array.from(this.recent, BigInt);
  private recentStores = 0;
  /** Stores by availability of the week, in hundredths of a per cent. */
  private readonly byAvailability = new Uint32Array(WHOLE + 1);
  private readonly bins = new Uint32Array(BINS);
  private without = 0;

  add(availability: Availability): void {
    let place = 0;
    for (const window of WINDOWS) {
      const figures = availability[window];
      for (const name of SUMMED) this.recent[place++]! += figures[name];
    }
    this.recentStores += 1;
    if (this.recentStores === STORES_EXACT) this.settle();
    this.count(availability.lastWeek);
  }

  present(): Pick<LabSetResultView, 'totals' | 'availability_last_week'> {
    this.settle();
    return { totals: this.totals(), availability_last_week: this.weekAvailability() };
  }

  private settle(): void {
    for (const [place, sum] of this.recent.entries()) this.before[place]! += BigInt(sum);
    this.recent.fill(0);
    this.recentStores = 0;
  }

  /** Bins by exact figures, not by shown ones. */
  private count({ uptimeUs, downtimeUs }: WindowFigures): void {
    const countedUs = uptimeUs + downtimeUs;
    if (countedUs === 0) {
      this.without += 1;
      return;
    }
    this.byAvailability[hundredthsOfPercent(uptimeUs, countedUs)]! += 1;
    this.bins[Math.min(BINS - 1, Math.floor((uptimeUs * BINS) / countedUs))]! += 1;
  }

  private totals(): LabTotalsView {
    const [last_hour, last_day, last_week] = WINDOWS.map((_, window) => this.totalsOf(window));
    return { last_hour: last_hour!, last_day: last_day!, last_week: last_week! };
  }

  private totalsOf(window: number): LabWindowTotalsView {
    const first = window * SUMMED.length;
    const [open, uptime, downtime, unobserved, excluded] = this.before.slice(first, first + SUMMED.length);
    return {
      open_hours: hours(open!),
      uptime_hours: hours(uptime!),
      downtime_hours: hours(downtime!),
      unobserved_hours: hours(unobserved!),
      excluded_hours: hours(excluded!),
      availability_percent: percent(uptime!, uptime! + downtime!),
    };
  }

  private weekAvailability(): WeekAvailabilityView {
    const width = 100 / BINS;
    const quantiles = Object.entries(QUANTILES).map(([name, share]) => [name, this.quantile(share)]);
    return {
      quantiles: Object.fromEntries(quantiles) as unknown as QuantilesView,
      bins: Array.from(this.bins, (stores, bin) => ({ from: bin * width, to: (bin + 1) * width, stores })),
      without: this.without,
    };
  }

  /** By nearest rank: an availability that a store has. @param share in per cent */
  private quantile(share: number): number | null {
    const stores = this.byAvailability.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    // In whole numbers, since 0.07 × 100 is more than 7.
    const hundredths = this.byAvailability.findIndex((count) => {
      seen += count;
      return stores > 0 && seen * 100 >= share * stores;
    });
    return hundredths < 0 ? null : hundredths / 100;
  }
}

/** Rounded half up. Every step is exact, since a week's microseconds times ten thousand are. */
function hundredthsOfPercent(part: number, whole: number): number {
  const scaled = part * WHOLE;
  const rest = scaled % whole;
  return (scaled - rest) / whole + Number(rest * 2 >= whole);
}
