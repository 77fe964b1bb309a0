import type { Interval } from './intervals.js';
import type { Policy } from './policy.js';
import { isActive, pollInstantUs } from './polls.js';

/** A stretch of open time of one business day, before asOf, with one status and one reason for it. */
export interface Segment extends Interval {
  readonly status: 'up' | 'down' | 'excluded';
  /** The code of the poll that decides; null on an unobserved day. */
  readonly poll: number | null;
  /**
   * Why: `reaches-back` and `holds` are the two halves of the estimator `step`, `nearest` is the other estimator
   * (rule 9), `unobserved` is rule 10.
   */
  readonly reason: 'reaches-back' | 'holds' | 'nearest' | 'unobserved';
  /** Whether it lies between two consecutive counting polls that say the same. */
  readonly proved: boolean;
}

const UNOBSERVED_STATUS = { down: 'down', up: 'up', exclude: 'excluded' } as const;

/** Rules 7, 9 and 10 for one business day: its open time up to asOf, divided into segments in order of time. */
export function segmentsOf(
  open: readonly Interval[],
  polls: readonly number[],
  asOfUs: number,
  policy: Policy,
): readonly Segment[] {
  const layer = new SegmentLayer(open, asOfUs);
  if (polls.length === 0) layer.layUnobserved(UNOBSERVED_STATUS[policy.unobserved]);
  else if (policy.estimator === 'step') laySteps(layer, polls);
  else layNearest(layer, polls);
  return layer.segments;
}

function laySteps(layer: SegmentLayer, polls: readonly number[]): void {
  layer.layUntil(pollInstantUs(polls[0]!), polls[0]!, 'reaches-back', false);
  for (let i = 1; i < polls.length; i++) {
    const poll = polls[i - 1]!;
    const next = polls[i]!;
    layer.layUntil(pollInstantUs(next), poll, 'holds', isActive(poll) === isActive(next));
  }
  layer.layUntil(Infinity, polls.at(-1)!, 'holds', false);
}

function layNearest(layer: SegmentLayer, polls: readonly number[]): void {
  layer.layUntil(pollInstantUs(polls[0]!), polls[0]!, 'nearest', false);
  for (let i = 1; i < polls.length; i++) {
    const poll = polls[i - 1]!;
    const next = polls[i]!;
    const agree = isActive(poll) === isActive(next);
    // Up, so that an instant equally near to both goes with the later.
    const middleUs = Math.ceil((pollInstantUs(poll) + pollInstantUs(next)) / 2);
    layer.layUntil(middleUs, poll, 'nearest', agree);
    layer.layUntil(pollInstantUs(next), next, 'nearest', agree);
  }
  layer.layUntil(Infinity, polls.at(-1)!, 'nearest', false);
}

/** Lays statuses one after the other over a day's open time; what falls into a closed gap or after asOf is dropped. */
class SegmentLayer {
  readonly segments: Segment[] = [];
  readonly #open: readonly Interval[];
  readonly #asOfUs: number;
  #index = 0;
  #laidUntilUs = -Infinity;

  constructor(open: readonly Interval[], asOfUs: number) {
    this.#open = open;
    this.#asOfUs = asOfUs;
  }

  layUntil(endUs: number, poll: number, reason: Segment['reason'], proved: boolean): void {
    this.#lay(endUs, isActive(poll) ? 'up' : 'down', poll, reason, proved);
  }

  layUnobserved(status: Segment['status']): void {
    this.#lay(Infinity, status, null, 'unobserved', false);
  }

  #lay(
    untilUs: number,
    status: Segment['status'],
    poll: number | null,
    reason: Segment['reason'],
    proved: boolean,
  ) {
    for (; this.#index < this.#open.length; this.#index++) {
      const opening = this.#open[this.#index]!;
      const startUs = Math.max(this.#laidUntilUs, opening.startUs);
      const endUs = Math.min(untilUs, opening.endUs, this.#asOfUs);
      if (startUs < endUs) this.segments.push({ startUs, endUs, status, poll, reason, proved });
      if (opening.endUs > untilUs) break;
    }
    this.#laidUntilUs = untilUs;
  }
}
