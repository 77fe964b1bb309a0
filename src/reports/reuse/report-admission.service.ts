import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock.js';
import { inTransaction, ONE_SNAPSHOT } from '../../platform/database/connection.js';
import { EvidenceReader } from '../../movements/index.js';
import type { Watermark } from '../../stores/fact-versions.js';
import { StoreFactsReader } from '../../stores/store-facts.reader.js';
import { type EarlierReport, findEqual, keepEarlier, textOf } from './earlier-reports.js';
import { type ChosenOptions, requestKeyOf, resultKeyOf } from './report-keys.js';
import { countReportChanges, readReportWatermark } from './report-watermark.js';
import { Turns } from './turns.js';

/** A request, with what was not chosen set by default. */
export interface ReportRequest extends ChosenOptions {
  label: string | null;
  /** Null: the newest poll. */
  requestedAsOfUs: number | null;
  /** Compute although nothing has changed. */
  force: boolean;
}

/** What became of a request. */
export interface AdmittedReport {
  id: string;
  /** Somebody has to compute it, and nobody knows of it yet. */
  isNew: boolean;
}

/** What was known when a request came. */
interface Known {
  /** Equal for equal knowledge. */
  mark: string;
  /** An earlier report that answers it; null where there is none, or where what was accepted is still to be taken in. */
  earlier: Answer | null;
}

interface Answer {
  earlier: EarlierReport;
  asOfUs: number;
  watermark: Watermark;
  resultKey: string;
}

/** Keeps requests for reports: each as a report to be made, or answered from an earlier one, or as one that waits already. */
@Injectable()
export class ReportAdmission {
  private readonly turns = new Turns<AdmittedReport>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly facts: StoreFactsReader,
    private readonly clock: Clock,
    private readonly evidence: EvidenceReader,
  ) {}

  /** Equal requests that come while one is looked at are looked at together, after it: so they know all that they may. */
  async admit(request: ReportRequest): Promise<AdmittedReport> {
    if (request.force) return this.admitOne(request);
    const name = requestKeyOf(request, request.requestedAsOfUs, request.label, '');
    const { value, own } = await this.turns.take(name, () => this.admitOne(request));
    // One of those who share it hands it to whoever computes it.
    return own ? value : { ...value, isNew: false };
  }

  private async admitOne(request: ReportRequest): Promise<AdmittedReport> {
    for (;;) {
      const { mark, earlier } = await this.look(request);
      const answered = earlier === null ? null : await this.keepAnswered(request, earlier);
      const admitted = answered ?? (await this.keepWaiting(request, mark));
      // None: the equal one that was in the way has ended at this very moment.
      if (admitted !== null) return admitted;
    }
  }

  /** All of it in one snapshot: what comes meanwhile is either in every part of the answer, or in none. */
  private look(request: ReportRequest): Promise<Known> {
    return inTransaction(
      this.dataSource,
      async (snapshot) => {
        const { mark, isTaken } = await readAccepted(snapshot);
        const asOfUs =
          request.requestedAsOfUs ?? (await this.facts.newestPollUs(snapshot, this.clock.nowUs()));
        return {
          // Polls that were ahead of the clock come to count without any change.
          mark: `${mark} | ${asOfUs}`,
          earlier:
            isTaken && !request.force && asOfUs !== null ? await this.find(snapshot, request, asOfUs) : null,
        };
      },
      ONE_SNAPSHOT,
    );
  }

  private async find(
    snapshot: pg.PoolClient,
    request: ReportRequest,
    asOfUs: number,
  ): Promise<Answer | null> {
    const watermark = await readReportWatermark(snapshot, this.evidence, { ...request, asOfUs });
    const resultKey = resultKeyOf(request, asOfUs, watermark);
    const earlier = await findEqual(snapshot, resultKey, watermark);
    return earlier && { earlier, asOfUs, watermark, resultKey };
  }

  /** @returns null when the earlier report was deleted meanwhile. */
  private keepAnswered(request: ReportRequest, answer: Answer): Promise<AdmittedReport | null> {
    const { earlier, asOfUs, watermark, resultKey } = answer;
    return inTransaction(this.dataSource, async (client) => {
      const metadata = await keepEarlier(client, earlier, watermark);
      if (metadata === null) return null;
      const id = uuidv7();
      await client.query(
        `INSERT INTO reports (${COLUMNS}, status, started_at, completed_at, reused_from, as_of_us, watermark, result_key,
                              phase, done, total, stores, metadata)
         SELECT ${VALUES}, 'completed', now.at, now.at, $12, $13, $14, $15,
                'publishing', e.stores, e.stores, e.stores, $17::json
           FROM reports AS e CROSS JOIN clock_timestamp() AS now (at) WHERE e.report_id = $16`,
        [
          ...valuesOf(id, request, null),
          earlier.resultId,
          asOfUs,
          textOf(watermark),
          resultKey,
          earlier.id,
          JSON.stringify(metadata),
        ],
      );
      return { id, isNew: false };
    });
  }

  /** @returns an equal one that waits or runs, where there is one; null when it has just ended. */
  private async keepWaiting(request: ReportRequest, mark: string): Promise<AdmittedReport | null> {
    const key = request.force ? null : requestKeyOf(request, request.requestedAsOfUs, request.label, mark);
    const id = uuidv7();
    const inserted: unknown[] = await this.dataSource.query(
      `INSERT INTO reports (${COLUMNS}) SELECT ${VALUES}
       ON CONFLICT (request_key) WHERE status IN ('pending', 'running') DO NOTHING RETURNING report_id`,
      valuesOf(id, request, key),
    );
    if (inserted.length > 0) return { id, isNew: true };
    const [equal]: { id: string }[] = await this.dataSource.query(
      `SELECT report_id AS id FROM reports WHERE request_key = $1 AND status IN ('pending', 'running')`,
      [key],
    );
    return equal === undefined ? null : { id: equal.id, isNew: false };
  }
}

const COLUMNS = `report_id, label, requested_as_of_us, windows, unobserved, estimator, include_unpolled, store_ids,
                 default_zone, force, request_key`;
const VALUES = `$1::uuid, $2::text, $3::bigint, $4::text, $5::text, $6::text, $7::boolean, $8::text[],
                $9::text, $10::boolean, $11::text`;

function valuesOf(id: string, request: ReportRequest, requestKey: string | null): unknown[] {
  const { windows, unobserved, estimator } = request.policy;
  return [
    id,
    request.label,
    request.requestedAsOfUs,
    windows,
    unobserved,
    estimator,
    request.includeUnpolled,
    request.storeIds,
    request.defaultZone,
    request.force,
    requestKey,
  ];
}

/** What was accepted before the client's snapshot, and whether all of it stands in the tables of facts already. */
async function readAccepted(snapshot: pg.ClientBase): Promise<{ mark: string; isTaken: boolean }> {
  const changes = await countReportChanges(snapshot);
  const { rows } = await snapshot.query<{ inbox: string; imports: string; is_taken: boolean }>(
    `SELECT inbox.mark AS inbox, imports.mark AS imports, inbox.batches = 0 AND imports.unfinished = 0 AS is_taken
       FROM (SELECT count(*) AS batches, concat_ws(' ', count(*), max(batch), sum(batch)) AS mark FROM poll_inbox) AS inbox,
            (SELECT count(*) FILTER (WHERE status IN ('pending', 'running')) AS unfinished,
                    concat_ws(' ', count(*), max(accepted_at)) AS mark FROM imports) AS imports`,
  );
  const { inbox, imports, is_taken: isTaken } = rows[0]!;
  return { mark: [changes, inbox, imports].join(' | '), isTaken };
}
