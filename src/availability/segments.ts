import type { PollRun } from './counting-polls.js';
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

/**
 * Takes the segments of a day one by one, in order of time. A report lays a million of them: they are handed over in
 * pieces, so that only who explains them has to make objects.
 */
export interface SegmentSink {
  segment(
    startUs: number,
    endUs: number,
    status: Segment['status'],
    poll: number | null,
    reason: Segment['reason'],
    proved: boolean,
  ): void;
}

const UNOBSERVED_STATUS = { down: 'down', up: 'up', exclude: 'excluded' } as const;

/** Rules 7, 9 and 10 for one business day: its open time up to asOf, divided into segments in order of time. */
export function laySegments(
  open: readonly Interval[],
  polls: PollRun,
  asOfUs: number,
  policy: Policy,
  sink: SegmentSink,
): void {
  const layer = new SegmentLayer(open, asOfUs, sink);
  if (polls.from === polls.to) layUnobserved(layer, policy);
  else if (policy.estimator === 'step') laySteps(layer, polls);
  else layNearest(layer, polls);
}

/** The segments of `laySegments` as objects. */
export function segmentsOf(
  open: readonly Interval[],
  polls: PollRun,
  asOfUs: number,
  policy: Policy,
): readonly Segment[] {
  const collector = new SegmentCollector();
  laySegments(open, polls, asOfUs, policy, collector);
  return collector.segments;
}

class SegmentCollector implements SegmentSink {
  readonly segments: Segment[] = [];

  segment(
    startUs: number,
    endUs: number,
    status: Segment['status'],
    poll: number | null,
    reason: Segment['reason'],
    proved: boolean,
  ): void {
    this.segments.push({ startUs, endUs, status, poll, reason, proved });
  }
}

/** Hands collected segments to a sink once more. */
export function replay(segments: readonly Segment[], sink: SegmentSink): void {
  for (const { startUs, endUs, status, poll, reason, proved } of segments)
    sink.segment(startUs, endUs, status, poll, reason, proved);
}

function layUnobserved(layer: SegmentLayer, policy: Policy): void {
  layer.layUntil(Infinity, UNOBSERVED_STATUS[policy.unobserved], null, 'unobserved', false);
}

function laySteps(layer: SegmentLayer, { polls, from, to }: PollRun): void {
  let poll = polls[from]!;
  let status = statusOf(poll);
  layer.layUntil(pollInstantUs(poll), status, poll, 'reaches-back', false);
  for (let i = from + 1; i < to; i++) {
    const next = polls[i]!;
    const nextStatus = statusOf(next);
    layer.layUntil(pollInstantUs(next), status, poll, 'holds', status === nextStatus);
    poll = next;
    status = nextStatus;
  }
  layer.layUntil(Infinity, status, poll, 'holds', false);
}

function layNearest(layer: SegmentLayer, { polls, from, to }: PollRun): void {
  let poll = polls[from]!;
  let status = statusOf(poll);
  layer.layUntil(pollInstantUs(poll), status, poll, 'nearest', false);
  for (let i = from + 1; i < to; i++) {
    const next = polls[i]!;
    const nextStatus = statusOf(next);
    const agree = status === nextStatus;
    // Up, so that an instant equally near to both goes with the later.
    const middleUs = Math.ceil((pollInstantUs(poll) + pollInstantUs(next)) / 2);
    layer.layUntil(middleUs, status, poll, 'nearest', agree);
    layer.layUntil(pollInstantUs(next), nextStatus, next, 'nearest', agree);
    poll = next;
    status = nextStatus;
  }
  layer.layUntil(Infinity, status, poll, 'nearest', false);
}

function statusOf(poll: number): 'up' | 'down' {
  return isActive(poll) ? 'up' : 'down';
}

/** Lays statuses one after the other over a day's open time; what falls into a closed gap or after asOf is dropped. */
class SegmentLayer {
  private next = 0;
  /** What is left of the current opening up to asOf; nothing where the first is not before the second. */
  private startUs = -Infinity;
  private endUs = -Infinity;

  constructor(
    private readonly open: readonly Interval[],
    private readonly asOfUs: number,
    private readonly sink: SegmentSink,
  ) {}

  layUntil(
    untilUs: number,
    status: Segment['status'],
    poll: number | null,
    reason: Segment['reason'],
    proved: boolean,
  ): void {
    do {
      const endUs = Math.min(untilUs, this.endUs);
      if (this.startUs >= endUs) continue;
      this.sink.segment(this.startUs, endUs, status, poll, reason, proved);
      this.startUs = endUs;
    } while (untilUs >= this.endUs && this.enterNextOpening());
  }

  private enterNextOpening(): boolean {
    const opening = this.open[this.next];
    if (opening === undefined) return false;
    this.next++;
    this.startUs = opening.startUs;
    this.endUs = Math.min(opening.endUs, this.asOfUs);
    return true;
  }
}
