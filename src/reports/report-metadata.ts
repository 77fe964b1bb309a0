import { formatInstantUs } from '../platform/instant.js';
import type { ComputedRows } from './report-rows.writer.js';
import type { Report } from './report.entity.js';

/** Counts up whenever the same facts would give other figures. */
const ALGORITHM = { name: 'storewatch-availability', version: 1 };

/** Seconds each phase took, by the process's own steady clock. */
export interface ReportTimings {
  waited: number;
  computing: number;
  publishing: number;
}

/** What the JSON file says of a report: how its figures came about, and what had to be assumed. */
export interface ReportMetadata {
  report_id: string;
  label: string | null;
  as_of: string;
  algorithm: typeof ALGORITHM;
  /** Version of the time zone rules that were in force. */
  tzdata: string;
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
  };
  timings_s: ReportTimings;
}

export function reportMetadata(report: Report, computed: ComputedRows, timings: ReportTimings): ReportMetadata {
  return {
    report_id: report.id,
    label: report.label,
    as_of: formatInstantUs(computed.asOfUs),
    algorithm: ALGORITHM,
    tzdata: process.versions.tz ?? 'unknown',
    options: {
      ...report.policy,
      include_unpolled: report.includeUnpolled,
      store_ids: report.storeIds,
      default_zone: report.defaultZone,
    },
    counts: {
      stores: computed.stores,
      stores_without_polls: computed.unpolledStores,
      assumed_zones: computed.assumedZone,
      assumed_hours: computed.assumedHours,
      hours_rejected: computed.hoursRejected,
    },
    timings_s: timings,
  };
}
