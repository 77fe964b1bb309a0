import { formatInstantUs } from '../../platform/instant.js';
import type { FoundOutages } from './collector-outages.reader.js';
import { type Finding, FINDINGS } from './data-quality.dto.js';
import type { DataQuality } from './data-quality.reader.js';
import type {
  DataQualityView,
  FoundStoresView,
  QualityOfCollectionView,
  QualityOfPollsView,
} from './data-quality.view.js';

/** @param outages null while polls are still being counted. */
export function dataQualityView(quality: DataQuality, outages: FoundOutages | null): DataQualityView {
  const found = Object.fromEntries(
    FINDINGS.map((finding): [Finding, FoundStoresView] => [
      finding,
      { ...quality.found[finding], url: `/api/v1/data-quality/stores?finding=${finding}` },
    ]),
  ) as Record<Finding, FoundStoresView>;
  return {
    stores: { total: quality.stores, archived: quality.archived, ...found },
    hours: {
      windows: quality.windows,
      windows_without_length: quality.windowsWithoutLength,
      windows_ending_at_23_59: quality.windowsEndingAt2359,
    },
    polls: pollsView(quality),
    collector_outages: collectionView(outages),
  };
}

function pollsView({
  oldestUs,
  newestUs,
  pollsAheadOfTheClock,
  rhythm,
  outside,
}: DataQuality): QualityOfPollsView {
  return {
    oldest: oldestUs === null ? null : formatInstantUs(oldestUs),
    newest: newestUs === null ? null : formatInstantUs(newestUs),
    ahead_of_the_clock: pollsAheadOfTheClock,
    rhythm: rhythm && {
      stores_sampled: rhythm.stores,
      interval_s: rhythm.intervalS,
      polls_per_store_and_day: rhythm.pollsPerStoreAndDay,
    },
    outside_open_time: outside && {
      report_id: outside.reportId,
      as_of: formatInstantUs(outside.asOfUs),
      polls: outside.polls,
      outside_open_time: outside.outside,
      share: outside.polls === 0 ? null : outside.outside / outside.polls,
    },
  };
}

function collectionView(found: FoundOutages | null): QualityOfCollectionView {
  const url = '/api/v1/collector-outages';
  if (found === null) return { count: null, total_s: null, ongoing: null, enough_to_tell: null, url };
  if (!found.enoughToTell) return { count: null, total_s: null, ongoing: null, enough_to_tell: false, url };
  const totalUs = found.outages.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  return {
    count: found.outages.length,
    total_s: totalUs / 1_000_000,
    ongoing: found.outages.some(({ ongoing }) => ongoing),
    enough_to_tell: true,
    url,
  };
}
