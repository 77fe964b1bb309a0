import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { assess, type Availability, type Interval, type Policy } from '../../availability/index.js';
import { Clock } from '../../platform/clock.js';
import type { Claim } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { inTransaction } from '../../platform/database/connection.js';
import { type BinaryRowWriter, copyIn } from '../../platform/database/copy-binary-writer.js';
import type { CollectorOutage } from '../../stores/quality/collector-outages.js';
import { CollectorOutagesReader } from '../../stores/quality/collector-outages.reader.js';
import { StoreFactsReader, type StoreRecord, type StoreScope } from '../../stores/store-facts.reader.js';
import { NothingToReport } from './nothing-to-report.js';
import { REPORT_ROW_COLUMNS, writeReportRow } from './report-row.js';
import type { Report } from '../requests/report.entity.js';

/** Sums over the stores of a report, in microseconds. */
export interface WindowTotals {
  unobservedUs: number;
  /** How much of it lies in stretches in which polls stopped for nearly all stores. */
  unobservedInOutageUs: number;
  /** What stores would have been open outside their active dates. */
  inactiveUs: number;
}

/** What was computed, for the report's metadata. */
export interface ComputedRows {
  asOfUs: number;
  stores: number;
  assumedZone: number;
  assumedHours: number;
  hoursRejected: number;
  /** Known, but without a poll at or before as-of. They have no row unless the caller asked for them. */
  unpolledStores: number;
  /** Stores that would have been open in the week outside their active dates. */
  partlyInactive: number;
  /** Those that reach into the report's week. */
  collectorOutages: readonly CollectorOutage[];
  lastHour: WindowTotals;
  lastDay: WindowTotals;
  lastWeek: WindowTotals;
}

/** How long days whose polls have changed may be counted beforehand; what is left is counted within the snapshot. */
const RECOUNT_MS = 2_000;
const WEEK_US = 7 * 86_400_000_000;
/** A calendar week in which the clocks fall back begins so much earlier, and two hours are more than any do. */
const LONGEST_WEEK_US = WEEK_US + 2 * 3_600_000_000;

/** What the computation tells while it runs. */
export interface ComputationListener {
  /** As-of is certain; nothing has been computed yet. */
  asOfKnown(asOfUs: number, total: number): Promise<void>;
  computed(done: number): void;
}

/** Computes every row of a report from one snapshot of the facts, and keeps them in one transaction. */
@Injectable()
export class ReportRowsWriter {
  constructor(
    private readonly dataSource: DataSource,
    private readonly facts: StoreFactsReader,
    private readonly collector: CollectorOutagesReader,
    private readonly claims: Claims,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws NothingToReport when there is no store to report on.
   * @throws ClaimLost when another process has taken the report over; nothing is kept then.
   */
  async write(claim: Claim, report: Report, listener: ComputationListener): Promise<ComputedRows> {
    await this.collector.refresh(RECOUNT_MS);
    return inTransaction(
      this.dataSource,
      async (snapshot) => {
        const scope = await this.scopeOf(snapshot, report);
        const chunks = await this.facts.chunks(snapshot, scope);
        const stores = chunks.reduce((sum, chunk) => sum + chunk.stores, 0);
        if (stores === 0) throw NothingToReport.noStores(scope.asOfUs, scope.storeIds);
        await listener.asOfKnown(scope.asOfUs, stores);
        const outages = await this.outagesOf(snapshot, report.policy, scope.asOfUs);
        const computation = new Computation(report.id, report.policy, scope.asOfUs, outages);
        await this.keep(claim, async (rows) => {
          for (const chunk of chunks) {
            for await (const some of this.facts.read(snapshot, chunk, scope)) {
              claim.signal.throwIfAborted();
              await computation.add(some, rows);
              listener.computed(computation.stores);
            }
          }
        });
        const unpolledStores = await this.facts.countUnpolled(snapshot, scope.asOfUs);
        return { ...computation.result(), asOfUs: scope.asOfUs, stores, unpolledStores, collectorOutages: outages };
      },
      'BEGIN ISOLATION LEVEL REPEATABLE READ',
    );
  }

  /** All rows or none, on a connection of their own: the other one is busy sending facts. */
  private async keep(claim: Claim, fill: (rows: BinaryRowWriter) => Promise<void>): Promise<void> {
    await inTransaction(this.dataSource, async (target) => {
      // What an attempt before this one may have left.
      await target.query('DELETE FROM report_rows WHERE report_id = $1', [claim.id]);
      await copyIn(target, 'report_rows', REPORT_ROW_COLUMNS, fill);
      await this.claims.held(target, claim);
    });
  }

  private outagesOf(snapshot: pg.PoolClient, policy: Policy, asOfUs: number): Promise<readonly CollectorOutage[]> {
    const fromUs = asOfUs - (policy.windows === 'calendar' ? LONGEST_WEEK_US : WEEK_US);
    return this.collector.knownAt(snapshot, fromUs, asOfUs);
  }

  private async scopeOf(snapshot: pg.PoolClient, report: Report): Promise<StoreScope> {
    return {
      asOfUs: await this.asOfOf(snapshot, report),
      defaultZone: report.defaultZone,
      includeUnpolled: report.includeUnpolled,
      storeIds: report.storeIds,
    };
  }

  private async asOfOf(snapshot: pg.PoolClient, report: Report): Promise<number> {
    const fixed = report.asOfUs ?? report.requestedAsOfUs;
    if (fixed !== null) return Number(fixed);
    const newest = await this.facts.newestPollUs(snapshot, this.clock.nowUs());
    if (newest === null) throw NothingToReport.noPolls();
    return newest;
  }
}

/** Asks the engine store by store, and counts what had to be assumed. */
class Computation {
  stores = 0;
  private assumedZone = 0;
  private assumedHours = 0;
  private hoursRejected = 0;
  private partlyInactive = 0;
  private readonly lastHour = noTotals();
  private readonly lastDay = noTotals();
  private readonly lastWeek = noTotals();

  constructor(
    private readonly reportId: string,
    private readonly policy: Policy,
    private readonly asOfUs: number,
    private readonly collectorOutages: readonly Interval[],
  ) {}

  async add(stores: Iterable<StoreRecord>, rows: BinaryRowWriter): Promise<void> {
    for (const store of stores) {
      const availability = assess(store.facts, this.asOfUs, this.policy, this.collectorOutages);
      writeReportRow(rows, this.reportId, store, availability);
      this.stores += 1;
      this.assumedZone += Number(store.assumedZone);
      this.assumedHours += Number(store.assumedHours);
      this.hoursRejected += Number(store.hoursRejected);
      this.count(availability);
    }
    await rows.drained();
  }

  result() {
    const { assumedZone, assumedHours, hoursRejected, partlyInactive, lastHour, lastDay, lastWeek } = this;
    return { assumedZone, assumedHours, hoursRejected, partlyInactive, lastHour, lastDay, lastWeek };
  }

  private count({ lastHour, lastDay, lastWeek }: Availability): void {
    this.partlyInactive += Number(lastWeek.inactiveUs > 0);
    addTo(this.lastHour, lastHour);
    addTo(this.lastDay, lastDay);
    addTo(this.lastWeek, lastWeek);
  }
}

function noTotals(): WindowTotals {
  return { unobservedUs: 0, unobservedInOutageUs: 0, inactiveUs: 0 };
}

function addTo(totals: WindowTotals, figures: WindowTotals): void {
  totals.unobservedUs += figures.unobservedUs;
  totals.unobservedInOutageUs += figures.unobservedInOutageUs;
  totals.inactiveUs += figures.inactiveUs;
}
