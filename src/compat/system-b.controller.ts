import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Problem } from '../platform/problem.js';
import { ProgressBView, TriggeredView } from './earlier-answers.view.js';
import { EarlierClientsService } from './earlier-clients.service.js';
import { SystemCReports } from './system-c-reports.js';
import { UNFINISHED } from './unfinished.js';

const FILE_PATH =
  /^reports\/store_report_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.csv$/;

/** System B: a completed report answers with a path, which the client gives back to download. */
@ApiTags('earlier client B')
@Controller()
export class SystemBController {
  constructor(
    private readonly clients: EarlierClientsService,
    private readonly systemC: SystemCReports,
  ) {}

  /** C's clients send the same words with a slash at the end. */
  @Post('trigger_report')
  @HttpCode(200)
  @ApiOperation({ summary: 'Trigger a report' })
  @ApiOkResponse({ type: TriggeredView, description: 'The report is accepted' })
  async trigger(): Promise<TriggeredView> {
    return { report_id: await this.clients.trigger() };
  }

  @Get('get_report/:id')
  @ApiOperation({
    summary: 'Follow a report',
    description:
      'With a slash at the end, or `Accept: text/csv`, a completed report answers with its CSV, as client C expects.',
  })
  @ApiParam({ name: 'id', description: '`report_id` that the trigger gave' })
  @ApiOkResponse({
    type: ProgressBView,
    description: 'How far the report is, and its path once it is completed',
  })
  async report(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.systemC.isAsking(request)) return this.systemC.answer(id, request, response);
    const { state } = await this.clients.find(id);
    response.json(
      state === 'completed'
        ? { status: 'Completed', filepath: `reports/store_report_${id}.csv` }
        : UNFINISHED[state],
    );
  }

  @Get('download_report')
  @ApiOperation({ summary: 'Download a report by the path that get_report gave' })
  @ApiQuery({ name: 'file_path', type: String, description: '`filepath` that get_report gave' })
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'The CSV, as an attachment' })
  async download(
    @Query('file_path') filePath: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    // Read for the id that it names and looked up; never opened as a path.
    const [, id] = typeof filePath === 'string' ? (FILE_PATH.exec(filePath) ?? []) : [];
    if (id === undefined) {
      throw new Problem(
        400,
        'file_path_unknown',
        'file_path has to be a filepath as get_report gives it: reports/store_report_{report_id}.csv.',
      );
    }
    await this.clients.send(id, 'csv', request, response);
  }
}
