import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import type { Claim } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { inTransaction, withConnection } from '../../platform/database/connection.js';
import { EvidenceReader } from '../../movements/index.js';
import type { Watermark } from '../../stores/fact-versions.js';
import { formatInstantUs } from '../../platform/instant.js';
import type { CollectorOutage } from '../../stores/quality/collector-outages.js';
import type { Report } from '../requests/report.entity.js';
import {
  type EarlierReport,
  findEqual,
  findEqualRows,
  keepEarlier,
  type ShownOutage,
  textOf,
} from './earlier-reports.js';
import { resultKeyOf } from './report-keys.js';
import { countReportChanges, readReportWatermark, type WatermarkScope } from './report-watermark.js';

/** Reports that are looked at again and again while nothing changes are remembered, so many of them. */
const MOST_REMEMBERED = 1_000;

/** What is asked about in a snapshot. */
export interface ReportBasis {
  asOfUs: number;
  /** The collector outages that the metadata would tell; asked for only where it depends on them. */
  outages(): Promise<readonly CollectorOutage[]>;
}

/** Answers reports from earlier ones whose inputs were the same. */
@Injectable()
export class ReportReuse {
  /** By report, after how many changes of what it follows from it was found superseded or not. */
  private readonly remembered = new Map<string, { changes: string; superseded: boolean }>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly evidence: EvidenceReader,
  ) {}

  /**
   * Notes what a claimed report follows from, in its row and in `report`, and completes it from an earlier report
   * where there is one that follows from the same.
   *
   * @param snapshot in which it would be computed; only read.
   * @returns whether it is completed; its claim is over then.
   * @throws ClaimLost
   */
  async answer(snapshot: pg.PoolClient, claim: Claim, report: Report, basis: ReportBasis): Promise<boolean> {
    const { asOfUs } = basis;
    const watermark = await readReportWatermark(snapshot, this.evidence, scopeOf(report, asOfUs));
    report.watermark = textOf(watermark);
    report.resultKey = resultKeyOf(report, asOfUs, watermark);
    await this.dataSource.query(
      `UPDATE reports SET watermark = $3, result_key = $4
        WHERE report_id = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token, report.watermark, report.resultKey],
    );
    if (report.force) return false;
    const earlier =
      (await findEqual(this.dataSource, report.resultKey, watermark)) ??
      (await this.findWithEqualOutages(report.resultKey, basis));
    return earlier !== null && (await this.complete(claim, earlier, asOfUs, watermark));
  }

  /** Polls changed around the days of earlier reports: their rows hold, their metadata only with the same outages. */
  private async findWithEqualOutages(resultKey: string, basis: ReportBasis): Promise<EarlierReport | null> {
    const some = await findEqualRows(this.dataSource, resultKey);
    if (some.length === 0) return null;
    const outages = await basis.outages();
    return some.find(({ collectorOutages }) => areShown(collectorOutages, outages)) ?? null;
  }

  /** @returns false when the earlier report was deleted meanwhile. */
  private complete(
    claim: Claim,
    earlier: EarlierReport,
    asOfUs: number,
    watermark: Watermark,
  ): Promise<boolean> {
    return inTransaction(this.dataSource, async (client) => {
      const metadata = await keepEarlier(client, earlier, watermark);
      if (metadata === null) return false;
      await this.claims.held(client, claim);
      await client.query(
        `UPDATE reports AS r
            SET status = 'completed', completed_at = clock_timestamp(), reused_from = $3, as_of_us = $4,
                phase = 'publishing', done = e.stores, total = e.stores, stores = e.stores, metadata = $5::json,
                error = NULL, claim_token = NULL, lease_until = NULL
           FROM reports AS e WHERE r.report_id = $1 AND e.report_id = $2`,
        [claim.id, earlier.id, earlier.resultId, asOfUs, JSON.stringify(metadata)],
      );
      return true;
    });
  }

  /** Whether facts have changed since that a completed report follows from; null where that is not known. */
  async isSuperseded(report: Report): Promise<boolean | null> {
    if (report.status !== 'completed' || report.watermark === null || report.asOfUs === null) return null;
    const scope = scopeOf(report, Number(report.asOfUs));
    return withConnection(this.dataSource, async (client) => {
      const changes = await countReportChanges(client);
      const known = this.remembered.get(report.id);
      if (known?.changes === changes) return known.superseded;
      const { rows } = await readReportWatermark(client, this.evidence, scope);
      const superseded = !report.watermark!.startsWith(`${rows};`);
      if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
      this.remembered.set(report.id, { changes, superseded });
      return superseded;
    });
  }
}

function scopeOf({ includeUnpolled, storeIds }: Report, asOfUs: number): WatermarkScope {
  return { asOfUs, includeUnpolled, storeIds };
}

/** Whether metadata tell of these outages, and of no others. */
function areShown(shown: readonly ShownOutage[], outages: readonly CollectorOutage[]): boolean {
  const told = shown.map(({ start, end, ongoing }) => `${start} ${end} ${ongoing}`);
  return told.join() === outages.map(toldOf).join();
}

function toldOf({ startUs, endUs, ongoing }: CollectorOutage): string {
  return `${formatInstantUs(startUs)} ${formatInstantUs(endUs)} ${ongoing}`;
}
