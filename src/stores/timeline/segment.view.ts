import { ApiProperty } from '@nestjs/swagger';
import { isActive, pollInstantUs, type Interval, type Segment } from '../../availability/index.js';
import { formatInstantUs } from '../../platform/instant.js';
import { formatDate } from '../../platform/wall-time.js';

/** For lists of stretches of time: `["2023-01-18T15:00:00.000000Z", "2023-01-18T23:00:00.000000Z"]`, the end excluded. */
export type SpanView = [start: string, end: string];

/** For `ApiProperty` of lists of spans. */
export const SPANS = {
  type: 'array',
  items: { type: 'array', items: { type: 'string', format: 'date-time' }, minItems: 2, maxItems: 2 },
} as const;

/** Open time of one business day with one status and one reason for it. */
export class SegmentView {
  start: string;
  /** Excluded. */
  end: string;
  /** The business day that it belongs to; past midnight still that on which the store opened. */
  @ApiProperty({ type: String, format: 'date' })
  date: string;
  /** `unobserved`: no poll of the business day counts, whatever the time counts as. */
  state: 'up' | 'down' | 'unobserved';
  counts_as: 'uptime' | 'downtime' | 'excluded';
  /** The instant of the poll that decides; null when unobserved. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  poll: string | null;
  @ApiProperty({ enum: ['active', 'inactive'], nullable: true })
  poll_status: 'active' | 'inactive' | null;
  /** The number of the rule that decides. */
  rule: '9' | '10';
  /** `holds`: until the next poll; `reaches_back`: the day's first poll, back to the opening; `nearest`: that estimator. */
  because: 'holds' | 'reaches_back' | 'nearest' | 'unobserved';
  /** Between two consecutive polls of the business day that say the same; else the rule alone carries it. */
  proved: boolean;
}

const COUNTS_AS = { up: 'uptime', down: 'downtime', excluded: 'excluded' } as const;
const BECAUSE = {
  holds: 'holds',
  'reaches-back': 'reaches_back',
  nearest: 'nearest',
  unobserved: 'unobserved',
} as const;

/** @param date of its business day, in days since 1970-01-01 */
export function segmentView(segment: Segment, date: number): SegmentView {
  const { startUs, endUs, status, poll, reason, proved } = segment;
  return {
    start: formatInstantUs(startUs),
    end: formatInstantUs(endUs),
    date: formatDate(date),
    state: poll === null || status === 'excluded' ? 'unobserved' : status,
    counts_as: COUNTS_AS[status],
    poll: poll === null ? null : formatInstantUs(pollInstantUs(poll)),
    poll_status: poll === null ? null : statusWord(poll),
    rule: reason === 'unobserved' ? '10' : '9',
    because: BECAUSE[reason],
    proved,
  };
}

export function statusWord(poll: number): 'active' | 'inactive' {
  return isActive(poll) ? 'active' : 'inactive';
}

export function spanView({ startUs, endUs }: Interval): SpanView {
  return [formatInstantUs(startUs), formatInstantUs(endUs)];
}

/** `-06:00` of an offset in microseconds. */
export function formatOffset(offsetUs: number): string {
  const minutes = Math.round(Math.abs(offsetUs) / 60_000_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offsetUs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
