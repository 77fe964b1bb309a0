import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Claim, ClaimLost, NotYet } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { type WorkHandler, WorkHandlers } from '../../platform/queue/work-handlers.js';
import { PollInbox } from '../../stores/polls/poll-inbox.js';
import { LabComputer } from './lab.computer.js';
import { Lab } from './lab.entity.js';
import type { LabResultView } from './lab.view.js';

/**
 * Takes a comparison from its row to its result. Killed anywhere it can start again: as-of is frozen, and nothing is
 * written but the result, under the claim's token.
 */
@Injectable()
export class LabRunner implements WorkHandler, OnModuleInit {
  readonly queue = 'labs';
  private readonly logger = new Logger(LabRunner.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly handlers: WorkHandlers,
    private readonly inbox: PollInbox,
    private readonly computer: LabComputer,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  unfinished(): Promise<string[]> {
    return this.claims.unfinished('labs');
  }

  run(id: string): Promise<void> {
    return this.claims.work('labs', id, async (claim) => {
      // What was loaded before it was asked for belongs into it, and so does every live poll that was answered before.
      if (await this.claims.waitsFor('imports', claim)) throw new NotYet();
      await this.inbox.fold(claim.signal);
      const lab = await this.dataSource.getRepository(Lab).findOneByOrFail({ id });
      await this.complete(claim, await this.computer.compute(claim, lab));
    });
  }

  private async complete(claim: Claim, result: LabResultView): Promise<void> {
    const [, completed] = await this.dataSource.query(
      `UPDATE labs
          SET status = 'completed', result = $3, done = total, error = NULL, completed_at = clock_timestamp(),
              claim_token = NULL, lease_until = NULL
        WHERE lab_id = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token, JSON.stringify(result)],
    );
    if (completed !== 1) throw new ClaimLost(claim);
    this.logger.log(
      `Comparison ${claim.id}: ${result.sets.length} sets of options over ${result.stores.toLocaleString('en')} stores`,
    );
  }
}
