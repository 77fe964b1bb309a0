import type { LoggerService } from '@nestjs/common';
import type pg from 'pg';
import { int8Array } from '../../platform/database/binary-parameters.js';
import { noteFactChange } from '../fact-versions.js';
import { markDaysChanged } from './poll-activity.js';
import { addPolls, type KeyedStoreDay } from './poll-append.js';
import { splitAtDays, takePiece } from './poll-batches.js';
import { ensurePartitions, weekOfDay } from './poll-partitions.js';
import { widenRanges } from './poll-ranges.js';
import { ensureStores } from '../store-keys.js';

/** What a fold has done. */
export interface Folded {
  taken: number;
  mayHaveMore: boolean;
}

/**
 * Moves the oldest polls of the inbox into the store-days, within the transaction of a caller who holds the facts'
 * lock: so each is moved exactly once, wherever the process or the server is killed.
 */
export async function foldPiece(client: pg.PoolClient, logger: Pick<LoggerService, 'warn'>): Promise<Folded> {
  const { taken, mayHaveMore, storeIds, polls } = await takePiece(client);
  if (taken === 0) return { taken, mayHaveMore };
  const keys = await ensureStores(client, storeIds);
  const storeDays = polls.flatMap((some, store) =>
    Array.from(splitAtDays(some), ({ day, polls: ofDay }) => ({ key: keys[store]!, day, polls: ofDay })),
  );
  const days = new Set(storeDays.map(({ day }) => day));
  await ensurePartitions(client, new Set(Array.from(days, weekOfDay)));
  await markDaysChanged(client, days);
  const { surplus, changedDays } = await addPolls(client, storeDays);
  await widenRanges(
    client,
    keys,
    polls.map((some) => Math.floor(some[0]! / 2)),
    polls.map((some) => Math.floor(some.at(-1)! / 2)),
  );
  await noteFactChange(client, { days: changedDays });
  if (surplus.length > 0) await setAside(client, surplus, logger);
  return { taken, mayHaveMore };
}

async function setAside(
  client: pg.ClientBase,
  surplus: readonly KeyedStoreDay[],
  logger: Pick<LoggerService, 'warn'>,
): Promise<void> {
  for (const { key, day, polls } of surplus) {
    await client.query(
      `INSERT INTO polls_set_aside (store_key, day, polls) VALUES ($1, date 'epoch' + $2::int, $3::bigint[])`,
      [key, day, int8Array(polls)],
    );
  }
  const count = surplus.reduce((sum, { polls }) => sum + polls.length, 0);
  logger.warn(
    `${count} live polls were set aside (polls_set_aside), because a store-day holds no more than 86,400: one a second.`,
  );
}
