import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ProgressEView, TriggeredEView } from './earlier-answers.view.js';
import { EarlierClientsService } from './earlier-clients.service.js';
import { UNFINISHED } from './unfinished.js';

/** System E: as B, under /api, with an address to download from. */
@ApiTags('earlier client E')
@Controller('api')
export class SystemEController {
  constructor(private readonly clients: EarlierClientsService) {}

  @Post('trigger_report')
  @HttpCode(200)
  @ApiOperation({ summary: 'Trigger a report' })
  @ApiOkResponse({ type: TriggeredEView, description: 'The report is accepted' })
  async trigger(): Promise<TriggeredEView> {
    return { report_id: await this.clients.trigger(), status: 'Running' };
  }

  @Get('get_report/:id')
  @ApiOperation({ summary: 'Follow a report' })
  @ApiParam({ name: 'id', description: '`report_id` that the trigger gave' })
  @ApiOkResponse({
    type: ProgressEView,
    description: 'How far the report is, and where to download it once it is completed',
  })
  async report(@Param('id') id: string): Promise<ProgressEView> {
    const { state } = await this.clients.find(id);
    if (state !== 'completed') return UNFINISHED[state];
    return {
      status: 'Completed',
      filepath: `reports/store_report_${id}.csv`,
      download_url: `/api/download_report/${id}`,
    };
  }

  @Get('download_report/:id')
  @ApiOperation({ summary: 'Download a report' })
  @ApiProduces('text/csv')
  @ApiParam({ name: 'id', description: '`report_id` that the trigger gave' })
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'The CSV, as an attachment' })
  async download(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.clients.send(id, 'csv', request, response);
  }
}
