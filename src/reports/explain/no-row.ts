import { formatInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import type { StoreState } from '../../stores/store-state.js';
import type { Report } from '../requests/report.entity.js';

/** Why a report has no row for a store, in the order in which one looks. */
export function noRow(report: Report, storeId: string, store: StoreState | null): Problem {
  const asOfUs = Number(report.asOfUs);
  const name = storeId.slice(0, 100);
  if (store === null)
    return absent(
      'unknown_store',
      `There is no store '${name}', and the report has no row for it. GET /api/v1/stores lists those that exist.`,
    );
  if (report.storeIds !== null && !report.storeIds.includes(storeId))
    return absent(
      'store_not_asked_for',
      `The report is about ${report.storeIds.length} stores alone (store_ids), and '${name}' is none of them.`,
    );
  if (!report.includeUnpolled && (store.firstPollUs === null || store.firstPollUs > asOfUs))
    return absent(
      'store_not_polled',
      `'${name}' had no poll at or before the report's as-of, ${formatInstantUs(asOfUs)}: ` +
        (store.firstPollUs === null
          ? 'it has none yet. '
          : `its first is at ${formatInstantUs(store.firstPollUs)}. `) +
        'A report with include_unpolled has a row for it.',
    );
  return absent(
    'store_came_later',
    `'${name}' came after the report was made, or its polls did. Trigger it again with its as_of and options.`,
  );
}

/** The row is there, but nothing from which it followed. */
export function noFactsLeft(report: Report, storeId: string): Problem {
  return new Problem(
    409,
    'facts_gone',
    `The report keeps its row for '${storeId.slice(0, 100)}', but the data from which it follows was cleared, so it can't be explained. ` +
      `GET /api/v1/reports/${report.id}/rows shows the row; within 24 hours of the clearing POST /api/v1/data/restore brings the data back.`,
  );
}

function absent(code: string, detail: string): Problem {
  return new Problem(404, code, detail);
}
