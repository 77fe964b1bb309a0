import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { lockFloor, BEGIN_DIGEST } from './floor-lock.js';
import { replaceFigures, type TrackFigures } from './floor.writer.js';
import { readLayouts, takeUpPast } from './layouts.reader.js';
import { readObservations } from './observations.reader.js';
import { countPresence } from './presence.writer.js';
import { figuresOf } from './track-figures.js';
import { touchedRows, touchedTracks, type TouchedRows } from './touched-tracks.reader.js';

/** What came of one piece: there is more, nothing is left, or somebody else is at it. */
type Outcome = 'more' | 'done' | 'busy';

/** The most that somebody who reads figures waits for them to be worked out. */
const READERS_PATIENCE_MS = 2_000;

/**
 * Works out what new events mean (M12). Every piece is one transaction: killed anywhere, its events are in the figures
 * and no longer noted as touched, or neither. Doing it twice gives the same.
 */
@Injectable()
export class FloorDigest {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
  ) {}

  /** Stores with events, or a layout, that their figures do not know yet; first the one that has waited longest. */
  async waiting(): Promise<number[]> {
    const rows: { key: number }[] = await this.dataSource.query(
      `SELECT key FROM (
         SELECT store_key AS key, min(touched) AS since FROM movement_touched GROUP BY store_key
          UNION ALL SELECT store_key, 0 FROM store_mapping_revisions WHERE takes_up_past
       ) AS waiting GROUP BY key ORDER BY min(since)`,
    );
    return rows.map(({ key }) => key);
  }

  /** Works out all that waits in a store, piece by piece until it is told to stop, unless somebody else is at it. */
  async catchUp(storeKey: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.piece(storeKey, 0)) === 'more');
  }

  /**
   * As `catchUp` for somebody who waits, and therefore no longer than a moment.
   * @returns whether the figures of the store know everything
   */
  async freshen(storeKey: number): Promise<boolean> {
    const endMs = performance.now() + READERS_PATIENCE_MS;
    if (!(await this.isWaiting(storeKey))) return true;
    for (;;) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      const outcome = await this.piece(storeKey, leftMs);
      if (outcome !== 'more') return outcome === 'done';
    }
  }

  private async isWaiting(storeKey: number): Promise<boolean> {
    const rows: { waiting: boolean }[] = await this.dataSource.query(
      `SELECT EXISTS (SELECT FROM movement_touched WHERE store_key = $1)
           OR EXISTS (SELECT FROM store_mapping_revisions WHERE store_key = $1 AND takes_up_past) AS waiting`,
      [storeKey],
    );
    return rows[0]!.waiting;
  }

  private piece(storeKey: number, patienceMs: number): Promise<Outcome> {
    return inTransaction(
      this.dataSource,
      async (client) => {
        if (!(await lockFloor(client, storeKey, patienceMs))) return 'busy';
        await takeUpPast(client, storeKey);
        const ids = await touchedRows(client, storeKey);
        if (ids.length === 0) return 'done';
        await digest(client, { storeKey, ids, timeoutUs: this.environment.trackTimeoutMs * 1_000 });
        return 'more';
      },
      BEGIN_DIGEST,
    );
  }
}

async function digest(client: pg.PoolClient, touched: TouchedRows): Promise<void> {
  const { storeKey, ids, timeoutUs } = touched;
  const layouts = await readLayouts(client, storeKey);
  const tracks = await touchedTracks(client, touched);
  const figures: TrackFigures[] = [];
  for await (const observed of readObservations(client, touched, tracks))
    figures.push(figuresOf(observed, layouts, timeoutUs));
  const quarters = await replaceFigures(client, storeKey, figures);
  await countPresence(client, storeKey, quarters);
  await client.query('DELETE FROM movement_touched WHERE store_key = $1 AND touched = ANY ($2::bigint[])', [
    storeKey,
    ids,
  ]);
}
