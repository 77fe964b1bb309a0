import type pg from 'pg';
import { countPresenceChanges, EvidenceReader, evidenceVersion } from '../../movements/index.js';
import { countFactChanges, readWatermark, type Watermark } from '../../stores/fact-versions.js';
import type { ChosenOptions } from './report-keys.js';

/** What a report is asked for, as far as it tells which facts matter. */
export type WatermarkScope = Pick<ChosenOptions, 'includeUnpolled' | 'storeIds'> & { asOfUs: number };

/**
 * How far the facts have come that a report follows from, and what its cameras told where its stores have any. That
 * stands first: so neither a watermark with it begins like one without, nor the other way round.
 */
export async function readReportWatermark(
  client: pg.ClientBase,
  reader: EvidenceReader,
  scope: WatermarkScope,
): Promise<Watermark> {
  const watermark = await readWatermark(client, scope);
  const evidence = await evidenceVersion(client, reader, scope.asOfUs, scope.storeIds);
  return evidence === '' ? watermark : { ...watermark, rows: `${evidence};${watermark.rows}` };
}

/** Equal text, equal facts and equal evidence of all reports. The inbox of polls is not among them. */
export async function countReportChanges(client: pg.ClientBase): Promise<string> {
  return `${await countFactChanges(client)} ${await countPresenceChanges(client)}`;
}
