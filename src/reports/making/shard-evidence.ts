import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { timelineOfDates } from '../../availability/index.js';
import { copyIn } from '../../platform/database/copy-binary-writer.js';
import { DAY_US } from '../../platform/instant.js';
import { evidenceOf, EvidenceReader, factsNeeded, FINDINGS, totalsOf } from '../../movements/index.js';
import { type StoreChunk, StoreFactsReader, type StoreRecord } from '../../stores/store-facts.reader.js';
import type { Report } from '../requests/report.entity.js';

/** What cameras told of so many stores in five weeks is in memory at once. */
const STORES_AT_ONCE = 256;
const DATES_OF_A_WEEK = 7;

const COLUMNS = ['store_key', 'report_id', ...FINDINGS.map((finding) => `${finding}_us`)];

/** Which part of which report. */
export interface EvidencePart {
  readonly report: Report;
  readonly asOfUs: number;
  readonly chunk: StoreChunk;
  readonly signal: AbortSignal;
}

/** Keeps the evidence of the stores that have cameras beside their rows. It changes none of them. */
@Injectable()
export class ShardEvidence {
  constructor(
    private readonly facts: StoreFactsReader,
    private readonly reader: EvidenceReader,
  ) {}

  /**
   * One question where no store has cameras, as is mostly so.
   * @param snapshot in which the report is computed; only read.
   * @param target the transaction that keeps the shard's rows.
   */
  async keep(snapshot: pg.PoolClient, target: pg.PoolClient, part: EvidencePart): Promise<void> {
    const { asOfUs, chunk, report, signal } = part;
    const range = { startUs: earliestStart(report, asOfUs), endUs: asOfUs };
    const keys = await this.reader.storesWithCameras(snapshot, chunk, { range });
    for (let from = 0; from < keys.length; from += STORES_AT_ONCE) {
      signal.throwIfAborted();
      await this.keepSome(snapshot, target, part, keys.slice(from, from + STORES_AT_ONCE));
    }
  }

  private async keepSome(
    snapshot: pg.PoolClient,
    target: pg.PoolClient,
    { report, asOfUs, chunk }: EvidencePart,
    keys: readonly number[],
  ): Promise<void> {
    const longest = { range: { startUs: earliestStart(report, asOfUs), endUs: asOfUs }, asOfUs };
    const presence = await this.reader.presenceOf(snapshot, keys, longest);
    const { includeUnpolled, defaultZone } = report;
    const { days } = factsNeeded(longest);
    const scope = { asOfUs, includeUnpolled, defaultZone, storeIds: null, days };
    await copyIn(target, 'report_evidence', COLUMNS, async (rows) => {
      for await (const stores of this.facts.read(snapshot, { ...chunk, keys }, scope)) {
        for (const store of stores) {
          const range = { startUs: weekStart(report, store, asOfUs), endUs: asOfUs };
          const runs = evidenceOf(store.facts, presence.get(store.storeKey)!, report.estimator, {
            range,
            asOfUs,
          });
          if (runs === null) continue;
          const totals = totalsOf(runs);
          rows.row(COLUMNS.length);
          rows.int4(store.storeKey);
          rows.uuid(report.id);
          for (const finding of FINDINGS) rows.int8(totals[finding]);
        }
        await rows.drained();
      }
    });
  }
}

/** Before any store's week begins: one of the calendar is longer where clocks fall back in it. */
function earliestStart({ windows }: Report, asOfUs: number): number {
  return asOfUs - (DATES_OF_A_WEEK + (windows === 'calendar' ? 1 : 0)) * DAY_US;
}

/** Where the report's last week begins for the store (semantics, "Windows"). */
function weekStart({ windows, policy }: Report, { facts }: StoreRecord, asOfUs: number): number {
  if (windows === 'rolling') return asOfUs - DATES_OF_A_WEEK * DAY_US;
  return timelineOfDates(facts, asOfUs, policy, DATES_OF_A_WEEK).startUs;
}
