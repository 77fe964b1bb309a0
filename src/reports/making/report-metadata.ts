import { formatInstantUs } from '../../platform/instant.js';
import type { ReportPlan } from './report-shards.js';
import type { ReportSums, WindowTotals } from './report-sums.js';
import type { Report } from '../requests/report.entity.js';
import { notesOn } from '../requests/report-notes.js';
import { ALGORITHM, TZDATA } from '../reuse/algorithm.js';

/** Seconds each phase took, by the process's own steady clock. */
export interface ReportTimings {
  waited: number;
  computing: number;
  publishing: number;
}

/** Seconds, summed over the report's stores. */
interface SecondsByWindow {
  last_hour: number;
  last_day: number;
  last_week: number;
}

/** What the JSON file says of a report: how its figures came about, and what had to be assumed. */
export interface ReportMetadata {
  report_id: string;
  label: string | null;
  as_of: string;
  algorithm: typeof ALGORITHM;
  /** Version of the time zone rules that were in force. */
  tzdata: string;
  /** How far the facts had come that the rows follow from. */
  watermark: string | null;
  /** SHA-256 over all that the rows follow from: reports with equal keys have equal rows. */
  result_key: string | null;
  options: {
    windows: string;
    unobserved: string;
    estimator: string;
    include_unpolled: boolean;
    store_ids: string[] | null;
    default_zone: string;
  };
  counts: {
    stores: number;
    stores_without_polls: number;
    assumed_zones: number;
    assumed_hours: number;
    hours_rejected: number;
    /** Stores whose week has open time outside their active dates. */
    partly_inactive_stores: number;
  };
  /** Stretches of the week in which polls stopped for nearly all stores at once, as they were known at as-of. */
  collector_outages: { start: string; end: string; ongoing: boolean }[];
  /** Open time of business days without a counting poll, however the option counts it. */
  unobserved_s: SecondsByWindow;
  /** How much of it lies in those stretches. */
  unobserved_in_collector_outages_s: SecondsByWindow;
  /** What stores would have been open outside their active dates; it is no open time. */
  inactive_open_s: SecondsByWindow;
  timings_s: ReportTimings;
  /** As `notes` of the report, whose rows an equal one may share: of the one that they were computed for. */
  notes: string[];
}

export function reportMetadata(
  report: Report,
  plan: ReportPlan,
  sums: ReportSums,
  timings: ReportTimings,
): ReportMetadata {
  return {
    report_id: report.id,
    label: report.label,
    as_of: formatInstantUs(Number(report.asOfUs)),
    algorithm: ALGORITHM,
    tzdata: TZDATA,
    watermark: report.watermark,
    result_key: report.resultKey,
    options: {
      ...report.policy,
      include_unpolled: report.includeUnpolled,
      store_ids: report.storeIds,
      default_zone: report.defaultZone,
    },
    counts: {
      stores: sums.stores,
      stores_without_polls: plan.unpolledStores,
      assumed_zones: sums.assumedZone,
      assumed_hours: sums.assumedHours,
      hours_rejected: sums.hoursRejected,
      partly_inactive_stores: sums.partlyInactive,
    },
    collector_outages: plan.collectorOutages.map(({ startUs, endUs, ongoing }) => ({
      start: formatInstantUs(startUs),
      end: formatInstantUs(endUs),
      ongoing,
    })),
    unobserved_s: secondsOf(sums, 'unobservedUs'),
    unobserved_in_collector_outages_s: secondsOf(sums, 'unobservedInOutageUs'),
    inactive_open_s: secondsOf(sums, 'inactiveUs'),
    timings_s: timings,
    notes: notesOn(report),
  };
}

/** Rounded to milliseconds: a sum over all stores is no place for microseconds. */
function secondsOf(sums: ReportSums, member: keyof WindowTotals): SecondsByWindow {
  const seconds = (totals: WindowTotals): number => Math.round(totals[member] / 1000) / 1000;
  return {
    last_hour: seconds(sums.lastHour),
    last_day: seconds(sums.lastDay),
    last_week: seconds(sums.lastWeek),
  };
}
