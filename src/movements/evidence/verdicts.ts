import type { Interval } from '../../availability/index.js';
import { QUARTER_US } from '../meaning/pieces.js';
import type { CameraState, CameraWatch } from './camera-watch.js';
import type { Expectation, PeoplePattern } from './people-pattern.js';
import { isPending, quarterOf, type StorePresence } from './store-presence.js';

/** Those that say that something is not as it seems, in the order in which they are shown. */
export const FINDINGS = [
  'tech_outage_suspected',
  'closed_unexpectedly',
  'ghost_open',
  'monitoring_gap',
  'after_hours_people',
  'sensor_silent',
] as const;
export type Finding = (typeof FINDINGS)[number];

/** `agrees`: what is known fits together; `none`: too little is known to say anything. */
export const VERDICTS = [...FINDINGS, 'agrees', 'none'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Open time with one state by the polls; `unobserved` whatever it counts as in a report. */
export interface OpenStretch extends Interval {
  readonly state: 'up' | 'down' | 'unobserved';
}

export interface VerdictRun extends Interval {
  readonly verdict: Verdict;
}

/** What is laid side by side. */
export interface EvidenceInput {
  /** Sorted and apart; what lies between is closed. It has to cover all quarters that the range touches, up to asOf. */
  readonly open: readonly OpenStretch[];
  readonly presence: Pick<StorePresence, 'withPeople' | 'pending'>;
  readonly cameras: Pick<CameraWatch, 'at'>;
  readonly pattern: Pick<PeoplePattern, 'expectsPeople'>;
  /** Of a piece that is not over by then it is not known yet who is seen in it. */
  readonly asOfUs: number;
  readonly range: Interval;
}

/** What is known of a quarter as a whole. */
interface Piece {
  readonly cameras: CameraState;
  readonly hasPeople: boolean;
  readonly hasOpenTime: boolean;
  readonly hasUptime: boolean;
  readonly isOver: boolean;
  /** Events of it are still on their way into presence. */
  readonly isPending: boolean;
  readonly expected: () => Expectation;
}

type State = OpenStretch['state'] | 'closed';

interface Part extends Interval {
  readonly state: State;
}

/**
 * What hours, polls and cameras together say of a store, by the rules of docs/evidence.md.
 * @returns runs of equal verdict, without a gap from the range's start to its end
 */
export function layVerdicts(input: EvidenceInput): VerdictRun[] {
  const { range, open } = input;
  const runs: VerdictRun[] = [];
  let next = 0;
  for (let quarter = quarterOf(range.startUs); quarter * QUARTER_US < range.endUs; quarter++) {
    const startUs = quarter * QUARTER_US;
    const endUs = startUs + QUARTER_US;
    while (next < open.length && open[next]!.endUs <= startUs) next++;
    const parts = partsOf(open, next, startUs, endUs);
    const piece = pieceOf(input, quarter, parts);
    for (const part of parts) append(runs, part, verdictOf(piece, part.state), range);
  }
  return runs;
}

/** How long each verdict holds, in microseconds; together as long as the runs. */
export function totalsOf(runs: readonly VerdictRun[]): Record<Verdict, number> {
  const totals = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (const { startUs, endUs, verdict } of runs) totals[verdict] += endUs - startUs;
  return totals;
}

function pieceOf(input: EvidenceInput, quarter: number, parts: readonly Part[]): Piece {
  return {
    cameras: input.cameras.at(quarter),
    hasPeople: input.presence.withPeople.has(quarter),
    hasOpenTime: parts.some(({ state }) => state !== 'closed'),
    hasUptime: parts.some(({ state }) => state === 'up'),
    isOver: (quarter + 1) * QUARTER_US <= input.asOfUs,
    isPending: isPending(input.presence, quarter),
    expected: () => input.pattern.expectsPeople(quarter),
  };
}

function verdictOf(piece: Piece, state: State): Verdict {
  if (piece.cameras === 'none' || !piece.isOver) return 'none';
  return piece.hasPeople ? withPeople(piece, state) : withNobody(piece, state);
}

/**
 * When within its piece somebody was there is not known. So people speak against the polls, or the hours, only where
 * no other part of the piece explains them.
 */
function withPeople({ hasOpenTime, hasUptime }: Piece, state: State): Verdict {
  switch (state) {
    case 'up':
      return 'agrees';
    case 'down':
      return hasUptime ? 'none' : 'tech_outage_suspected';
    case 'unobserved':
      return hasUptime ? 'none' : 'monitoring_gap';
    case 'closed':
      return hasOpenTime ? 'none' : 'after_hours_people';
  }
}

/** Nobody in the whole piece is nobody in each part of it. */
function withNobody({ cameras, expected, isPending: mayHavePeople }: Piece, state: State): Verdict {
  if (mayHavePeople) return 'none';
  if (state === 'closed') return 'agrees';
  if (cameras === 'silent') return 'sensor_silent';
  switch (state) {
    case 'down':
      return 'closed_unexpectedly';
    case 'unobserved':
      return 'none';
    case 'up': {
      const people = expected();
      if (people === null) return 'none';
      return people ? 'ghost_open' : 'agrees';
    }
  }
}

/** A quarter, divided where the store's state changes. */
function partsOf(open: readonly OpenStretch[], first: number, startUs: number, endUs: number): Part[] {
  const parts: Part[] = [];
  let atUs = startUs;
  for (let i = first; i < open.length && open[i]!.startUs < endUs; i++) {
    const stretch = open[i]!;
    if (stretch.startUs > atUs) parts.push({ startUs: atUs, endUs: stretch.startUs, state: 'closed' });
    const from = Math.max(atUs, stretch.startUs);
    atUs = Math.min(endUs, stretch.endUs);
    parts.push({ startUs: from, endUs: atUs, state: stretch.state });
  }
  if (atUs < endUs) parts.push({ startUs: atUs, endUs, state: 'closed' });
  return parts;
}

/** Only what lies in the range; a run goes on where the verdict stays the same. */
function append(runs: VerdictRun[], part: Interval, verdict: Verdict, range: Interval): void {
  const startUs = Math.max(part.startUs, range.startUs);
  const endUs = Math.min(part.endUs, range.endUs);
  if (startUs >= endUs) return;
  const last = runs.at(-1);
  if (last?.verdict === verdict) runs[runs.length - 1] = { ...last, endUs };
  else runs.push({ startUs, endUs, verdict });
}
