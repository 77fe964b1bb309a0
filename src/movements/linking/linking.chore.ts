import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Chores } from '../../platform/chores.js';
import { LinkingService } from './linking.service.js';

const EVERY_MS = 30_000;

/**
 * Gives events to stores that came, or got a name, after them. What there is to look through may be much, so it is done
 * only when something has changed about the stores.
 */
@Injectable()
export class LinkingChore implements OnModuleInit {
  private readonly logger = new Logger(LinkingChore.name);
  private done: string | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly linking: LinkingService,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    this.chores.register({
      name: 'Linking events of stores that are known now',
      everyMs: EVERY_MS,
      run: () => this.run(),
    });
  }

  async run(): Promise<void> {
    const known = await this.knownStores();
    if (known === this.done) return;
    const { linked, repeated, conflicts, complete } = await this.linking.linkKnown(
      null,
      performance.now() + EVERY_MS,
    );
    if (linked + repeated + conflicts > 0)
      this.logger.log(`${linked} events belong to stores that are known now, ${conflicts} are dead letters`);
    if (complete) this.done = known;
  }

  /** Another text whenever a store was made or named: keys only grow, and people's edits leave their time. */
  private async knownStores(): Promise<string> {
    const rows: { known: string }[] = await this.dataSource.query(
      `SELECT concat_ws(' ', (SELECT max(store_key) FROM stores), (SELECT edited_at FROM last_store_edit),
                        (SELECT version FROM fact_versions WHERE fact = 'era')) AS known`,
    );
    return rows[0]!.known;
  }
}
