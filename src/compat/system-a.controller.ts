import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Problem } from '../platform/problem.js';
import { StatusAView, TriggeredAView } from './earlier-answers.view.js';
import { EarlierClientsService } from './earlier-clients.service.js';

/** An id of system A was any opaque string of this form; ours are of it too. */
const OPAQUE_ID = /^[A-Za-z0-9_-]{8,64}$/;
const STATUS = { running: 'RUNNING', waiting: 'PENDING', completed: 'COMPLETED', failed: 'FAILED' } as const;

/** System A: trigger, ask for the status with a query parameter, download by a static-looking address. */
@ApiTags('earlier client A')
@Controller()
export class SystemAController {
  constructor(private readonly clients: EarlierClientsService) {}

  @Post('reports/trigger')
  @HttpCode(200)
  @ApiOperation({ summary: 'Trigger a report' })
  @ApiOkResponse({ type: TriggeredAView, description: 'The report is accepted' })
  async trigger(): Promise<TriggeredAView> {
    const id = await this.clients.trigger();
    return { report_id: id, status: 'PENDING', task_id: id };
  }

  @Get('reports/status')
  @ApiOperation({ summary: 'Follow a report' })
  @ApiQuery({ name: 'report_id', type: String, description: '`report_id` that the trigger gave' })
  @ApiOkResponse({
    type: StatusAView,
    description: 'How far the report is, and where its CSV lies once it is completed',
  })
  async status(@Query('report_id') id: unknown): Promise<StatusAView> {
    if (typeof id !== 'string' || !OPAQUE_ID.test(id)) {
      throw new Problem(
        400,
        'report_id_missing',
        'The query parameter report_id has to be given once: 8 to 64 letters, digits, _ or -.',
      );
    }
    const { state } = await this.clients.find(id);
    return {
      report_id: id,
      status: STATUS[state],
      url: state === 'completed' ? `/files/reports/${id}.csv` : null,
    };
  }

  @Get('files/reports/:file')
  @ApiOperation({ summary: 'Download a report: `{report_id}.csv`, or `.json` for its metadata' })
  @ApiParam({ name: 'file', description: '`{report_id}.csv` or `{report_id}.json`' })
  @ApiProduces('text/csv', 'application/json')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'The file, as an attachment' })
  async file(@Param('file') file: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const [, id, format] = /^([A-Za-z0-9_-]{8,64})\.(csv|json)$/.exec(file) ?? [];
    if (id === undefined)
      throw new Problem(
        404,
        'file_not_found',
        'There is no such file. A report is {report_id}.csv or .json.',
      );
    await this.clients.send(id, format === 'json' ? 'json' : 'csv', request, response);
  }
}
