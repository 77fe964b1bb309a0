import { createHash } from 'node:crypto';
import type { Policy } from '../../availability/index.js';
import type { Watermark } from '../../stores/fact-versions.js';
import { ALGORITHM, TZDATA } from './algorithm.js';

/** What was chosen for a report, or set by default; its name and its instant apart. */
export interface ChosenOptions {
  policy: Policy;
  includeUnpolled: boolean;
  storeIds: readonly string[] | null;
  defaultZone: string;
}

/** Equal for reports whose rows are the same: SHA-256 over all that they follow from. */
export function resultKeyOf(options: ChosenOptions, asOfUs: number, watermark: Watermark): string {
  return sha256({
    options: canonical(options),
    as_of_us: asOfUs,
    algorithm: ALGORITHM,
    tzdata: TZDATA,
    watermark: watermark.rows,
  });
}

/**
 * Equal for requests that ask for the same at a time when the same was known: SHA-256.
 *
 * @param known what was known, as text; equal for equal knowledge.
 */
export function requestKeyOf(
  options: ChosenOptions,
  requestedAsOfUs: number | null,
  label: string | null,
  known: string,
): string {
  return sha256({ options: canonical(options), as_of_us: requestedAsOfUs, label, known });
}

/** Members always in this order; stores in one, each once, since neither order nor repetition makes another report. */
function canonical({ policy, includeUnpolled, storeIds, defaultZone }: ChosenOptions): object {
  const { windows, unobserved, estimator } = policy;
  const stores = storeIds === null ? null : [...new Set(storeIds)].toSorted();
  return {
    windows,
    unobserved,
    estimator,
    include_unpolled: includeUnpolled,
    store_ids: stores,
    default_zone: defaultZone,
  };
}

function sha256(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
