import { formatInstantUs } from '../../platform/instant.js';
import { type CollectorOutage, MOST_DAYS_SILENT } from './collector-outages.js';
import { LEAST_EXPECTED_POLLS, QUIET_SHARE } from './quiet-runs.js';
import { type FoundOutages, LEAST_DAYS, LEAST_STORES } from './collector-outages.reader.js';

/** A stretch in which polls stopped for nearly all stores at once. */
export class CollectorOutageView {
  /** The last poll before it. */
  start: string;
  /** The first poll after it; of an ongoing one now. */
  end: string;
  duration_s: number;
  /** No poll has come since. */
  ongoing: boolean;
  /** How many polls the same time of the days around it held. */
  expected_polls: number;
  /** How many there were in it. */
  polls: number;
}

/** The stretches in which polls stopped, and how they are found. */
export class CollectorOutageListView {
  data: CollectorOutageView[];
  /** Always null: they are few. */
  next_cursor: string | null;
  /** False: there are too few stores or days to find any. */
  enough_to_tell: boolean;
  /** How they are found, in a few sentences. */
  found_by: string;
}

const FOUND_BY =
  `A stretch counts when less than ${QUIET_SHARE * 100} % of at least ${LEAST_EXPECTED_POLLS} polls came that were ` +
  'expected by the same time of the days around it, and when it misses half as many again as the pauses at that ' +
  `time of other days do. It takes at least ${LEAST_STORES} stores with polls and ${LEAST_DAYS} days with polls to ` +
  `tell. After ${MOST_DAYS_SILENT} days of silence the collection has ended, which is no outage.`;

export function collectorOutageList(
  found: FoundOutages,
  fromUs: number,
  toUs: number,
): CollectorOutageListView {
  return {
    data: found.outages
      .filter(({ startUs, endUs }) => endUs > fromUs && startUs < toUs)
      .map(collectorOutageView),
    next_cursor: null,
    enough_to_tell: found.enoughToTell,
    found_by: FOUND_BY,
  };
}

function collectorOutageView(outage: CollectorOutage): CollectorOutageView {
  return {
    start: formatInstantUs(outage.startUs),
    end: formatInstantUs(outage.endUs),
    duration_s: (outage.endUs - outage.startUs) / 1_000_000,
    ongoing: outage.ongoing,
    expected_polls: outage.expectedPolls,
    polls: outage.polls,
  };
}
