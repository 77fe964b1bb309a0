import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction } from '../platform/database/connection.js';
import { Problem } from '../platform/problem.js';
import { lockFacts } from './fact-lock.js';

/** A load that is being merged holds the lock for seconds to minutes; nobody waits for an answer that long. */
const PATIENCE = '3s';
const LOCK_NOT_AVAILABLE = '55P03';

/** Runs the edits that people make: each in one transaction, one after another with everything that writes facts. */
@Injectable()
export class StoreEdits {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param edit reads what it needs within the transaction: what was read before may be old.
   * @throws Problem 503 when a load holds the facts for longer than a person waits.
   */
  async run<T>(edit: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    try {
      return await inTransaction(this.dataSource, async (client) => {
        await client.query(`SET LOCAL lock_timeout = '${PATIENCE}'`);
        await lockFacts(client);
        const edited = await edit(client);
        await client.query(
          `INSERT INTO last_store_edit (edited_at) VALUES (clock_timestamp())
           ON CONFLICT ON CONSTRAINT last_store_edit_pkey DO UPDATE SET edited_at = excluded.edited_at`,
        );
        return edited;
      });
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
      throw new Problem(
        503,
        'facts_busy',
        'Nothing was changed: files are being merged at the moment. Send the same again in a few seconds.',
      );
    }
  }
}
