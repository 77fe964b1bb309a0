import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Claim } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';

/** An import that is loaded together with the one before it. */
export interface Companion {
  claim: Claim;
  /** Its work is over: well, or with the error that broke it off. Resolves when that stands in its row. */
  settle(error: unknown): Promise<void>;
}

const MOST_COMPANIONS = 63;

/** Finds imports that need not wait for the one before them, since all of them are merged at once. */
@Injectable()
export class ImportCompanions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
  ) {}

  /**
   * Claims the imports right behind a claimed one, up to the first that holds anything but uploaded polls. Each has
   * to be settled.
   *
   * @param roomBytes that their files may have together.
   */
  async join(leader: Claim, roomBytes: number): Promise<Companion[]> {
    const companions: Companion[] = [];
    for (const id of await this.candidates(leader, roomBytes)) {
      const companion = await this.claim(id);
      if (companion === null) break;
      companions.push(companion);
    }
    return companions;
  }

  private async candidates(leader: Claim, roomBytes: number): Promise<string[]> {
    const rows: { id: string; fits: boolean }[] = await this.dataSource.query(
      `SELECT i.import_id AS id,
              i.status = 'pending' AND i.source = 'upload'
              AND NOT EXISTS (SELECT FROM import_files AS f
                               WHERE f.import_id = i.import_id AND (f.kind <> 'polls' OR f.status <> 'pending'))
              AND sum((SELECT sum(f.bytes) FROM import_files AS f WHERE f.import_id = i.import_id))
                    OVER (ORDER BY i.accepted_at, i.import_id) <= $2 AS fits
         FROM imports AS i JOIN imports AS leader ON leader.import_id = $1
        WHERE i.status IN ('pending', 'running')
          AND (i.accepted_at, i.import_id) > (leader.accepted_at, leader.import_id)
        ORDER BY i.accepted_at, i.import_id LIMIT $3`,
      [leader.id, roomBytes, MOST_COMPANIONS],
    );
    const end = rows.findIndex(({ fits }) => !fits);
    return rows.slice(0, end < 0 ? rows.length : end).map(({ id }) => id);
  }

  /** Null where somebody else has it. */
  private claim(id: string): Promise<Companion | null> {
    return new Promise((resolve, reject) => {
      const ended = this.claims.work('imports', id, (claim) => {
        return new Promise<void>((done, fail) => {
          resolve({
            claim,
            settle(error) {
              if (error === null) done();
              else fail(error as Error);
              return ended;
            },
          });
        });
      });
      ended.then(() => resolve(null), reject);
    });
  }
}
