import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Attachment, sendAttachment } from '../platform/http/download.js';
import { Problem } from '../platform/problem.js';
import { ReportsService, type ReportFormat, type ReportView } from '../reports/index.js';

/** What the earlier systems knew of a report: a cancelled or expired one is failed to them. */
export type EarlierState = 'waiting' | 'running' | 'completed' | 'failed';

const STATES: Readonly<Record<ReportView['status'], EarlierState>> = {
  pending: 'waiting',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'failed',
  expired: 'failed',
};

/** What has no file, and will have none: the earlier systems knew that only as a file that is not there. */
const GONE: ReadonlySet<string> = new Set(['report_cancelled', 'report_expired', 'file_gone']);

/** What the routes of all earlier clients have in common; each controller is left with its own words. */
@Injectable()
export class EarlierClientsService {
  constructor(private readonly reports: ReportsService) {}

  /** Triggers a report by the default rules, since these clients could never choose. @returns its id */
  async trigger(): Promise<string> {
    return (await this.reports.trigger({})).id;
  }

  /** @throws Problem 404 */
  async find(id: string): Promise<{ state: EarlierState }> {
    return { state: STATES[(await this.reports.find(id)).status] };
  }

  /** @throws Problem 404 (also where it is cancelled, expired or gone), 409 (not ready, or failed), 507 */
  async send(id: string, format: ReportFormat, request: Request, response: Response): Promise<void> {
    await sendAttachment(request, response, await this.download(id, format));
  }

  private async download(id: string, format: ReportFormat): Promise<Attachment> {
    try {
      return await this.reports.download(id, format);
    } catch (error) {
      if (!(error instanceof Problem) || !GONE.has(error.code)) throw error;
      throw new Problem(404, error.code, error.detail);
    }
  }
}
