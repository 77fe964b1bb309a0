import { ApiProperty } from '@nestjs/swagger';
import { pollInstantUs } from '../../availability/index.js';
import { formatInstantUs } from '../../platform/instant.js';
import { statusWord } from '../timeline/segment.view.js';
import { STANDING_EVIDENCE, type StandingEvidence } from './standing-notes.js';
import type { Standing } from './store-standings.js';
import type { StatusSnapshot } from './status.reader.js';

/** How many stores are what at an instant; every store is in one of the counts. */
export class StatusCountsView {
  /** Null: there is no poll yet. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  as_of: string | null;
  /** All stores. */
  total: number;
  /** Those within their open time: up, down and unobserved. */
  open: number;
  up: number;
  down: number;
  /** Open, and no poll of the business day says anything yet. */
  unobserved: number;
  /** Outside their hours. */
  closed: number;
  /** Outside their hours on a date outside their active ones: archived, or not in business yet or any more. */
  inactive: number;
  /** Without any poll up to the instant; whether they are open is not asked. */
  unpolled: number;
}

/** What all stores are at an instant. */
export class StoresStatusView extends StatusCountsView {
  /** When this was worked out: at most every few seconds, from the facts of then. */
  computed_at: string;
}

/** A store that is open, and down or unobserved. */
export class StandingView {
  store_id: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  /** In force at the instant. */
  zone: string;
  /** Since when, within its business day. */
  since: string;
  /** How long that is by the clock, in seconds. */
  for_s: number;
  /** How much of the business day's open time was down so far, in seconds. */
  down_s: number;
  /** How much open time of the business day is to come, in seconds. */
  left_s: number;
  /** The poll that decides; null when unobserved. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  poll: string | null;
  @ApiProperty({ enum: ['active', 'inactive'], nullable: true })
  poll_status: 'active' | 'inactive' | null;
  /** What its cameras say to it in the last quarter of an hour; null without cameras, or where they say nothing. */
  @ApiProperty({ enum: STANDING_EVIDENCE, nullable: true })
  evidence: StandingEvidence | null;
}

/** The stores in a state at an instant, longest first. */
export class StandingListView {
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  as_of: string | null;
  computed_at: string;
  state: string;
  /** All of them, on whatever page. */
  total: number;
  data: StandingView[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}

export function statusCountsView({ asOfUs, counts }: StatusSnapshot): StatusCountsView {
  const { up, down, unobserved, closed, inactive, unpolled } = counts;
  const open = up + down + unobserved;
  return {
    as_of: asOfUs === null ? null : formatInstantUs(asOfUs),
    total: open + closed + inactive + unpolled,
    open,
    up,
    down,
    unobserved,
    closed,
    inactive,
    unpolled,
  };
}

export function statusView(snapshot: StatusSnapshot): StoresStatusView {
  return { ...statusCountsView(snapshot), computed_at: formatInstantUs(snapshot.computedAtUs) };
}

export function standingView(
  store: { id: string; name: string | null; zone: string },
  standing: Standing,
  evidence: StandingEvidence | null,
  atUs: number,
): StandingView {
  const { sinceUs, poll, downUs, leftUs } = standing;
  return {
    store_id: store.id,
    name: store.name,
    zone: store.zone,
    since: formatInstantUs(sinceUs),
    for_s: (atUs - sinceUs) / 1_000_000,
    down_s: downUs / 1_000_000,
    left_s: leftUs / 1_000_000,
    poll: poll === null ? null : formatInstantUs(pollInstantUs(poll)),
    poll_status: poll === null ? null : statusWord(poll),
    evidence,
  };
}
