import { ApiProperty } from '@nestjs/swagger';
import { toHundredths } from '../../availability/index.js';
import { formatInstantUs } from '../../platform/instant.js';
import { MINUTE_US } from '../meaning/pieces.js';
import { totalsOf, VERDICTS, type Verdict, type VerdictRun } from './verdicts.js';

/** A stretch of time with one verdict. */
export class EvidenceRunView {
  start: string;
  /** Excluded. */
  end: string;
  @ApiProperty({ enum: VERDICTS })
  verdict: Verdict;
  minutes: number;
}

/** How long each verdict holds, in minutes. */
export class EvidenceTotalsView implements Record<Verdict, number> {
  /** Open, down by the polls, and people were seen. */
  tech_outage_suspected: number;
  /** Open, down by the polls, and nobody was seen. */
  closed_unexpectedly: number;
  /** Open, up by the polls, and nobody was seen at an hour at which there are people at other times. */
  ghost_open: number;
  /** Open, no poll of the business day counts, and people were seen. */
  monitoring_gap: number;
  /** Closed, and people were seen. */
  after_hours_people: number;
  /** Open, nobody was seen, and a camera was silent. */
  sensor_silent: number;
  /** What is known fits together. */
  agrees: number;
  /** Too little is known. */
  none: number;
}

/** What hours, polls and cameras of a store say together. It changes no figure of any report. */
export class StoreEvidenceView {
  store_id: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  as_of: string;
  start: string;
  /** Excluded. */
  end: string;
  /** False: there is no camera, and so no verdict. */
  has_cameras: boolean;
  /** Together as long as the time asked for; null without cameras. */
  @ApiProperty({ type: EvidenceTotalsView, nullable: true })
  totals_minutes: EvidenceTotalsView | null;
  /** In order of time, without a gap; empty without cameras. */
  data: EvidenceRunView[];
}

export function evidenceView(
  subject: Pick<StoreEvidenceView, 'store_id' | 'name'>,
  asOfUs: number,
  range: { startUs: number; endUs: number },
  runs: readonly VerdictRun[] | null,
): StoreEvidenceView {
  return {
    ...subject,
    as_of: formatInstantUs(asOfUs),
    start: formatInstantUs(range.startUs),
    end: formatInstantUs(range.endUs),
    has_cameras: runs !== null,
    totals_minutes: runs === null ? null : totalsView(runs),
    data: (runs ?? []).map(({ startUs, endUs, verdict }) => ({
      start: formatInstantUs(startUs),
      end: formatInstantUs(endUs),
      verdict,
      minutes: minutes(endUs - startUs),
    })),
  };
}

function totalsView(runs: readonly VerdictRun[]): EvidenceTotalsView {
  const totals = totalsOf(runs);
  const entries = VERDICTS.map((verdict): [string, number] => [verdict, minutes(totals[verdict])]);
  return Object.fromEntries(entries) as unknown as EvidenceTotalsView;
}

function minutes(us: number): number {
  return toHundredths(us, MINUTE_US) / 100;
}
