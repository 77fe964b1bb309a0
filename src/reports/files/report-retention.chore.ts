import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Chores } from '../../platform/chores.js';
import { Clock } from '../../platform/clock.js';
import { Environment } from '../../platform/environment.js';
import { LabsService } from '../lab/labs.service.js';
import { ReportRemoval } from './report-removal.js';

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Lets reports expire and comparisons go where `REPORT_RETENTION_DAYS` says so, and removes files that a killed process left to remove. */
@Injectable()
export class ReportRetention implements OnModuleInit {
  private readonly logger = new Logger(ReportRetention.name);

  constructor(
    private readonly removal: ReportRemoval,
    private readonly labs: LabsService,
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    this.chores.register({ name: 'Removing old reports', everyMs: EVERY_MS, run: () => this.run() });
  }

  async run(): Promise<void> {
    const { reportRetentionDays } = this.environment;
    if (reportRetentionDays === null) return this.removal.removeFiles();
    const beforeMs = this.clock.nowUs() / 1000 - reportRetentionDays * DAY_MS;
    const removed = await this.labs.removeEnded(new Date(beforeMs));
    if (removed > 0)
      this.logger.log(`${removed} comparisons ended more than ${reportRetentionDays} days ago and are gone`);
    const expired = await this.removal.expire(new Date(beforeMs));
    if (expired > 0)
      this.logger.log(`${expired} reports ended more than ${reportRetentionDays} days ago and have expired`);
  }
}
