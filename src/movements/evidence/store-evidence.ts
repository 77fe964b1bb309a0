import { type Interval, type Policy, type StoreFacts, timelineOfDates } from '../../availability/index.js';
import { DAY_US } from '../../platform/instant.js';
import { QUARTER_US } from '../meaning/pieces.js';
import { CameraWatch } from './camera-watch.js';
import { PeoplePattern } from './people-pattern.js';
import { DAYS_REMEMBERED, quarterOf, type StorePresence } from './store-presence.js';
import { layVerdicts, type OpenStretch, type VerdictRun } from './verdicts.js';

/** Local dates begin up to a day off, and the range may begin within one. */
const DATES_AROUND = 2;
/** A business day is over so long after any of its instants: what is polled later says nothing of them. */
const LONGEST_BUSINESS_DAY_US = 4 * DAY_US;

/** Of which time, and as known when, evidence is asked for. */
export interface EvidenceScope {
  /** Its end is not after `asOfUs`. */
  readonly range: Interval;
  readonly asOfUs: number;
}

/** Which facts of a store its evidence takes: those known at an instant, of so many days before it. */
export function factsNeeded({ range, asOfUs }: EvidenceScope): { asOfUs: number; days: number } {
  const knownUs = Math.min(asOfUs, range.endUs + LONGEST_BUSINESS_DAY_US);
  const days = Math.ceil((knownUs - range.startUs) / DAY_US) + DAYS_REMEMBERED + DATES_AROUND;
  return { asOfUs: knownUs, days };
}

/** The quarters that the cameras of a store have to be asked about: from the first to the last one. */
export function quartersNeeded({ range }: Pick<EvidenceScope, 'range'>): { from: number; to: number } {
  return {
    from: quarterOf(range.startUs - (DAYS_REMEMBERED + DATES_AROUND) * DAY_US),
    to: quarterOf(range.endUs - 1),
  };
}

/**
 * Lays the hours and polls of a store beside what its cameras told.
 * @param facts of `factsNeeded`
 * @param presence of `quartersNeeded`
 * @returns null where the store has no camera at any time of the range
 */
export function evidenceOf(
  facts: StoreFacts,
  presence: StorePresence,
  estimator: Policy['estimator'],
  scope: EvidenceScope,
): VerdictRun[] | null {
  const { range } = scope;
  const cameras = new CameraWatch(presence);
  if (!hasCamera(cameras, range)) return null;
  const { asOfUs, days } = factsNeeded(scope);
  const timeline = timelineOfDates(facts, asOfUs, { estimator, unobserved: 'exclude' }, days);
  const open = timeline.days
    .flatMap(({ segments }) => segments)
    .map(
      ({ startUs, endUs, status, poll }): OpenStretch => ({
        startUs,
        endUs,
        state: poll === null || status === 'excluded' ? 'unobserved' : status,
      }),
    )
    .toSorted((one, other) => one.startUs - other.startUs);
  const pattern = new PeoplePattern(timeline.clock, open, presence);
  return layVerdicts({ ...scope, open, presence, cameras, pattern });
}

function hasCamera(cameras: CameraWatch, { startUs, endUs }: Interval): boolean {
  for (let quarter = quarterOf(startUs); quarter * QUARTER_US < endUs; quarter++)
    if (cameras.at(quarter) !== 'none') return true;
  return false;
}
