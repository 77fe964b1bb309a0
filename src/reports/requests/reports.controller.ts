import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { sendAttachment } from '../../platform/http/download.js';
import { PageDto } from '../../platform/http/page.dto.js';
import { PreferredWait } from '../../platform/http/prefer-wait.js';
import { CONTENT_TYPES } from '../files/report-file.entity.js';
import { ReportFileQueryDto, TriggerReportDto } from './report.dto.js';
import { ReportListView, ReportView } from './report.view.js';
import { ReportsService } from './reports.service.js';

const ID = { name: 'id', description: '`id` of the report, as triggering it gave' } as const;

/** What Swagger UI fills in: the first as it is makes a report. */
const EXAMPLES = {
  default: { summary: 'All stores, by the usual rules', value: {} },
  calendar: {
    summary: 'Whole local dates, and nothing guessed for days without a poll',
    value: { windows: 'calendar', unobserved: 'exclude' },
  },
};

@ApiTags('reports')
@Controller('api/v1/reports')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Trigger a report', description: 'Waits for the imports that were accepted before it.' })
  @ApiBody({ type: TriggerReportDto, required: false, examples: EXAMPLES })
  @ApiAcceptedResponse({ type: ReportView, description: 'The report is accepted; `links.self` follows it' })
  @ApiBadRequestResponse({ description: 'A member is unknown or has a value that is not allowed; `errors` says which' })
  async trigger(@Body() request: TriggerReportDto, @Res({ passthrough: true }) response: Response): Promise<ReportView> {
    const report = await this.reports.trigger(request);
    response.set({ Location: report.links.self, 'Retry-After': '1' });
    return report;
  }

  @Get()
  @ApiOperation({ summary: 'List reports, newest first' })
  @ApiOkResponse({ type: ReportListView, description: 'A page of reports, and the cursor of the next one' })
  list(@Query() query: PageDto): Promise<ReportListView> {
    return this.reports.list(query.limit, query.cursor);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Follow a report' })
  @ApiParam(ID)
  @ApiHeader({ name: 'Prefer', required: false, description: '`wait=20` answers when the report has ended, or after 20 seconds' })
  @ApiOkResponse({ type: ReportView, description: 'The report as it stands' })
  @ApiNotFoundResponse({ description: 'There is no such report' })
  one(@Param('id') id: string, @PreferredWait() waitSeconds: number): Promise<ReportView> {
    return this.reports.findEnded(id, waitSeconds);
  }

  @Get(':id/file')
  @ApiOperation({ summary: 'Download a report' })
  @ApiParam(ID)
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
