import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { sendAttachment } from '../platform/http/download.js';
import { PageDto } from '../platform/http/page.dto.js';
import { preferredWaitSeconds } from '../platform/http/prefer-wait.js';
import { CONTENT_TYPES } from './report-file.entity.js';
import { ReportFileQueryDto, TriggerReportDto } from './report.dto.js';
import { ReportListView, ReportView } from './report.view.js';
import { ReportsService } from './reports.service.js';

@ApiTags('reports')
@Controller('api/v1/reports')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Trigger a report', description: 'Waits for the imports that were accepted before it.' })
  @ApiAcceptedResponse({ type: ReportView })
  async trigger(@Body() request: TriggerReportDto, @Res({ passthrough: true }) response: Response): Promise<ReportView> {
    const report = await this.reports.trigger(request);
    response.set({ Location: report.links.self, 'Retry-After': '1' });
    return report;
  }

  @Get()
  @ApiOperation({ summary: 'List reports, newest first' })
  @ApiOkResponse({ type: ReportListView })
  list(@Query() query: PageDto): Promise<ReportListView> {
    return this.reports.list(query.limit, query.cursor);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Follow a report' })
  @ApiHeader({ name: 'Prefer', required: false, description: '`wait=20` answers when the report has ended, or after 20 seconds' })
  @ApiOkResponse({ type: ReportView })
  @ApiNotFoundResponse({ description: 'There is no such report' })
  one(@Param('id') id: string, @Headers('prefer') prefer?: string): Promise<ReportView> {
    return this.reports.findEnded(id, preferredWaitSeconds(prefer));
  }

  @Get(':id/file')
  @ApiOperation({ summary: 'Download a report' })
  @ApiProduces('text/csv', 'application/json')
  @ApiOkResponse({ description: 'The file, as an attachment' })
  @ApiNotFoundResponse({ description: 'There is no such report' })
  @ApiConflictResponse({ description: 'The report is not ready, or has failed' })
  async file(
    @Param('id') id: string,
    @Query() query: ReportFileQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const file = await this.reports.download(id, query.format);
    await sendAttachment(request, response, { ...file, contentType: CONTENT_TYPES[file.format] });
  }
}
