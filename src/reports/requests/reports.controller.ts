import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiGoneResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Downloads, sendAttachment } from '../../platform/http/download.js';
import { EventStreams } from '../../platform/http/events.js';
import { Idempotent } from '../../platform/http/idempotency.js';
import { PageDto } from '../../platform/http/page.dto.js';
import { PreferredWait } from '../../platform/http/prefer-wait.js';
import { RetryAfter } from '../../platform/http/retry-after.js';
import { ReportRemoval } from '../files/report-removal.js';
import { CONTENT_TYPES } from '../files/report-variant.js';
import { ReportControl } from './report-control.service.js';
import { ReportFileQueryDto, TriggerReportDto } from './report.dto.js';
import { ReportListView, ReportView } from './report.view.js';
import { ENDED } from './report-lookup.js';
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
  constructor(
    private readonly reports: ReportsService,
    private readonly removal: ReportRemoval,
    private readonly control: ReportControl,
    private readonly streams: EventStreams,
  ) {}

  @Post()
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Trigger a report',
    description: 'Waits for the imports that were accepted before it.',
  })
  @ApiBody({ type: TriggerReportDto, required: false, examples: EXAMPLES })
  @ApiAcceptedResponse({ type: ReportView, description: 'The report is accepted; `links.self` follows it' })
  @ApiBadRequestResponse({
    description: 'A member is unknown or has a value that is not allowed; `errors` says which',
  })
  async trigger(
    @Body() request: TriggerReportDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReportView> {
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
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`wait=20` answers when the report has ended, or after 20 seconds',
  })
  @ApiOkResponse({ type: ReportView, description: 'The report as it stands' })
  @ApiNotFoundResponse({ description: 'There is no such report' })
  one(@Param('id') id: string, @PreferredWait() waitSeconds: number): Promise<ReportView> {
    return this.reports.findEnded(id, waitSeconds);
  }

  @Get(':id/events')
  @UseInterceptors(RetryAfter)
  @ApiOperation({
    summary: 'Follow a report by server-sent events',
    description:
      'An event `change` with the report whenever something of it has changed, and `ended` with it at its end.',
  })
  @ApiParam(ID)
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    schema: { type: 'string' },
    description: 'Events, each with a report as `data`, until the report has ended',
  })
  @ApiNotFoundResponse({ description: 'There is no such report' })
  @ApiTooManyRequestsResponse({
    description: 'Too many streams are open; `Retry-After` says when to ask again',
  })
  events(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.streams.send(request, response, {
      look: () => this.reports.find(id),
      isOver: ({ status }) => ENDED.has(status),
    });
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Cancel a report',
    description: 'Nothing of it is left but its entry, which can be tried again.',
  })
  @ApiParam(ID)
  @ApiAcceptedResponse({ type: ReportView, description: 'The report is cancelled' })
  @ApiConflictResponse({ description: 'The report has ended already' })
  @ApiNotFoundResponse({ description: 'There is no such report' })
  async cancel(@Param('id') id: string): Promise<ReportView> {
    await this.control.cancel(id);
    return this.reports.find(id);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Try a failed or cancelled report again',
    description: 'With the options and, where it was known already, the as-of that it had.',
  })
  @ApiParam(ID)
  @ApiAcceptedResponse({ type: ReportView, description: 'The report is accepted again' })
  @ApiConflictResponse({ description: 'The report did not fail and was not cancelled' })
  @ApiNotFoundResponse({ description: 'There is no such report' })
  async retry(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<ReportView> {
    await this.control.retry(id);
    const report = await this.reports.find(id);
    response.set({ Location: report.links.self, 'Retry-After': '1' });
    return report;
  }

  @Get(':id/file')
  @ApiOperation({ summary: 'Download a report' })
  @ApiParam(ID)
  @ApiProduces(...Object.values(CONTENT_TYPES))
  @Downloads()
  @ApiNotFoundResponse({ description: 'There is no such report' })
  @ApiConflictResponse({ description: 'The report is not ready, or has failed' })
  @ApiGoneResponse({ description: 'The report has expired' })
  async file(
    @Param('id') id: string,
    @Query() query: ReportFileQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { format, extended, spreadsheet_safe: spreadsheetSafe } = query;
    await sendAttachment(
      request,
      response,
      await this.reports.download(id, format, { extended, spreadsheetSafe }),
    );
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove a report',
    description: 'Its rows and files go with the last report that was answered from them.',
  })
  @ApiParam(ID)
  @ApiNoContentResponse({ description: 'The report is gone' })
  @ApiNotFoundResponse({ description: 'There is no such report' })
  @ApiConflictResponse({ description: 'The report has not ended: cancel it first' })
  async remove(@Param('id') id: string): Promise<void> {
    await this.removal.remove(id);
  }
}
