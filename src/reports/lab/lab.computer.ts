import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { assess } from '../../availability/index.js';
import { Clock } from '../../platform/clock.js';
import { type Claim, ClaimLost } from '../../platform/database/claim.js';
import { StoreFactsReader } from '../../stores/store-facts.reader.js';
import { NothingToReport } from '../making/nothing-to-report.js';
import { inNewSnapshot } from '../making/report-snapshot.js';
import { LabComparison } from './lab-comparison.js';
import { LabProgress } from './lab-progress.js';
import type { Lab } from './lab.entity.js';
import type { LabResultView } from './lab.view.js';

/** A store is assessed once for each set; so long a process may do nothing else. */
const TURN_MS = 20;

/** Looks at every store once, in one snapshot of the facts, under all sets. */
@Injectable()
export class LabComputer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly facts: StoreFactsReader,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws NothingToReport when there is no store to look at.
   * @throws ClaimLost when another process has taken the comparison over, or it was cancelled.
   */
  async compute(claim: Claim, lab: Lab): Promise<LabResultView> {
    const progress = new LabProgress(this.dataSource, claim);
    try {
      return await inNewSnapshot(this.dataSource, claim.signal, ({ client }) =>
        this.compare(client, claim, lab, progress),
      );
    } finally {
      await progress.settled();
    }
  }

  private async compare(
    client: pg.PoolClient,
    claim: Claim,
    lab: Lab,
    progress: LabProgress,
  ): Promise<LabResultView> {
    const { sets, includeUnpolled, defaultZone, storeIds } = lab;
    const asOfUs = await this.asOf(client, lab);
    const scope = { asOfUs, includeUnpolled, defaultZone, storeIds };
    const chunks = await this.facts.chunks(client, scope);
    if (chunks.length === 0) throw NothingToReport.noStores(asOfUs, storeIds);
    await this.begin(
      claim,
      asOfUs,
      chunks.reduce((sum, chunk) => sum + chunk.stores, 0),
    );
    const comparison = new LabComparison(sets);
    let turnBegan = performance.now();
    for (const chunk of chunks) {
      for await (const stores of this.facts.read(client, chunk, scope)) {
        for (const store of stores) {
          comparison.add(
            store,
            sets.map((set) => assess(store.facts, asOfUs, set)),
          );
          if (performance.now() - turnBegan < TURN_MS) continue;
          progress.tell(comparison.stores);
          await nextTurn();
          claim.signal.throwIfAborted();
          turnBegan = performance.now();
        }
        claim.signal.throwIfAborted();
      }
    }
    return comparison.result();
  }

  private async asOf(client: pg.PoolClient, { asOfUs, requestedAsOfUs }: Lab): Promise<number> {
    const fixed = asOfUs ?? requestedAsOfUs;
    if (fixed !== null) return Number(fixed);
    const newest = await this.facts.newestPollUs(client, this.clock.nowUs());
    if (newest === null) throw NothingToReport.noPolls();
    return newest;
  }

  /** Freezes what it is as of, and tells how much is to be done. */
  private async begin(claim: Claim, asOfUs: number, stores: number): Promise<void> {
    const [, begun] = await this.dataSource.query(
      `UPDATE labs SET as_of_us = $3, total = $4, done = 0
        WHERE lab_id = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token, asOfUs, stores],
    );
    if (begun !== 1) throw new ClaimLost(claim);
  }
}
