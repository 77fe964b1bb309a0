import { createHash } from 'node:crypto';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiExtraModels,
  ApiGoneResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ReportLookup } from '../requests/report-lookup.js';
import { readDiffQuery } from './diff-query.js';
import { refuseAll } from './query-reader.js';
import { ReportDiffReader } from './report-diff.reader.js';
import { ReportDiffView } from './report-diff.view.js';
import { ReportSummaryReader } from './report-summary.reader.js';
import { ReportSummaryView } from './report-summary.view.js';
import { ReportRowListView, ReportRowView } from './report-rows.view.js';
import { ReportRowsReader } from './report-rows.reader.js';
import { RowsParameters } from './rows-parameters.js';
import { readRowsQuery } from './rows-query.js';

const ID = { name: 'id', description: '`id` of the report, as triggering it gave' } as const;
/** Counts up when the same rows would be answered in another form. */
const FORM = 1;

/** What a finished report says, for people who look at it rather than download it. */
@ApiTags('reports')
@Controller('api/v1/reports/:id')
@ApiParam(ID)
@ApiHeader({
  name: 'If-None-Match',
  required: false,
  description: 'An `ETag` of before: 304 when nothing is different',
})
@ApiBadRequestResponse({
  description: 'A parameter is unknown or has a value that is not allowed; `errors` says which',
})
@ApiNotFoundResponse({ description: 'There is no such report' })
@ApiConflictResponse({ description: 'The report is not ready, has failed or was cancelled' })
@ApiGoneResponse({ description: 'The report has expired' })
@ApiExtraModels(ReportRowView)
export class ReportReadingController {
  constructor(
    private readonly lookup: ReportLookup,
    private readonly rowsReader: ReportRowsReader,
    private readonly summaryReader: ReportSummaryReader,
    private readonly diffReader: ReportDiffReader,
  ) {}

  @Get('rows')
  @ApiOperation({
    summary: 'Look through the rows of a report',
    description: 'Sorted and filtered by any column.',
  })
  @RowsParameters()
  @ApiOkResponse({ type: ReportRowListView, description: 'A page of rows, and how many there are' })
  async rows(
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReportRowListView | undefined> {
    const wanted = readRowsQuery(query);
    const report = await this.lookup.completed(id);
    const other = wanted.compareWith === null ? null : await this.lookup.completed(wanted.compareWith);
    if (isKnown(request, response, ['rows', report.resultId, other?.resultId ?? null, wanted]))
      return undefined;
    return this.rowsReader.page(report, wanted, other);
  }

  @Get('summary')
  @ApiOperation({
    summary: 'What the rows of a report add up to',
    description:
      'Totals, stores by availability, quantiles, the worst stores, and totals by zone. Counted once and kept.',
  })
  @ApiOkResponse({ type: ReportSummaryView, description: 'Of each window' })
  async summary(
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReportSummaryView | undefined> {
    refuseAll(query);
    const report = await this.lookup.completed(id);
    if (isKnown(request, response, ['summary', report.resultId])) return undefined;
    return this.summaryReader.read(report);
  }

  @Get('diff/:other')
  @ApiOperation({
    summary: 'Compare a report with another',
    description:
      'The stores whose figures differ, and by how much: those of this report less those of the other. `differs_in` tells why they may.',
  })
  @ApiParam({ name: 'other', description: '`id` of the report that it is compared with' })
  @ApiQuery({
    name: 'window',
    required: false,
    enum: ['last_hour', 'last_day', 'last_week'],
    description: 'Compare the figures of this window alone',
  })
  @ApiQuery({
    name: 'only',
    required: false,
    enum: ['changed', 'this', 'other'],
    description: 'Stores of both that have changed, or those of one report alone',
  })
  @ApiQuery({
    name: 'offset',
    required: false,
    type: Number,
    description: 'Stores to leave out at the start',
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    type: Number,
    description: 'Stores of a page, 50 by default, at most 500',
  })
  @ApiOkResponse({ type: ReportDiffView, description: 'A page of stores, and how many differ' })
  async diff(
    @Param('id') id: string,
    @Param('other') otherId: string,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReportDiffView | undefined> {
    const wanted = readDiffQuery(query);
    const report = await this.lookup.completed(id);
    const other = await this.lookup.completed(otherId);
    // By the reports rather than their results: what was asked for is shown too.
    if (isKnown(request, response, ['diff', report.id, other.id, wanted])) return undefined;
    return this.diffReader.page(report, other, wanted);
  }
}

/**
 * Tags the answer and tells whether the client has it already: then nothing has to be read. The rows of a result never
 * change, so the result and the question are all that an answer follows from.
 */
function isKnown(request: Request, response: Response, follows: readonly unknown[]): boolean {
  const digest = createHash('sha256')
    .update(JSON.stringify([FORM, follows]))
    .digest('hex');
  response.set({ ETag: `"${digest.slice(0, 40)}"`, 'Cache-Control': 'private, no-cache' });
  if (!request.fresh) return false;
  response.status(304);
  return true;
}
