import { formatInstantUs } from '../../platform/instant.js';
import type { Report } from '../requests/report.entity.js';
import type { DiffedReportView } from './report-diff.view.js';

/** What the figures of a report follow from, as far as a reader can make out why others differ. */
export function presentSide(report: Report): DiffedReportView {
  return {
    id: report.id,
    label: report.label,
    as_of: formatInstantUs(Number(report.asOfUs ?? report.requestedAsOfUs)),
    options: {
      ...report.policy,
      include_unpolled: report.includeUnpolled,
      store_ids_count: report.storeIds?.length ?? null,
      default_zone: report.defaultZone,
    },
    watermark: report.watermark,
    stores: report.stores ?? 0,
  };
}

/** The names of all that the two reports do not share. */
export function differsIn(report: Report, other: Report): string[] {
  const ours = followsFrom(report);
  const theirs = followsFrom(other);
  return Object.keys(ours).filter((name) => ours[name] !== theirs[name]);
}

function followsFrom(report: Report): Record<string, unknown> {
  return {
    as_of: report.asOfUs ?? report.requestedAsOfUs,
    'options.windows': report.windows,
    'options.unobserved': report.unobserved,
    'options.estimator': report.estimator,
    'options.include_unpolled': report.includeUnpolled,
    'options.store_ids': report.storeIds === null ? null : JSON.stringify([...report.storeIds].sort()),
    'options.default_zone': report.defaultZone,
    watermark: report.watermark,
  };
}
