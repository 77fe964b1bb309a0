import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { EarlierClientsService } from './earlier-clients.service.js';
import { UNFINISHED } from './unfinished.js';

/** System C shares B's addresses: a slash at the end, or asking for CSV, tells them apart. B's clients never do either. */
@Injectable()
export class SystemCReports {
  constructor(private readonly clients: EarlierClientsService) {}

  isAsking(request: Request): boolean {
    return request.path.endsWith('/') || /\btext\/csv\b/.test(request.headers.accept ?? '');
  }

  async answer(id: string, request: Request, response: Response): Promise<void> {
    const { state } = await this.clients.find(id);
    if (state === 'completed') await this.clients.send(id, 'csv', request, response);
    else response.json(UNFINISHED[state]);
  }
}
