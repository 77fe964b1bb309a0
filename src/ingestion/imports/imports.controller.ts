import { Controller, Get, HttpCode, Param, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
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
  ApiPayloadTooLargeResponse,
  ApiProduces,
  ApiResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnprocessableEntityResponse,
  ApiUnsupportedMediaTypeResponse,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { EventStreams } from '../../platform/http/events.js';
import { Idempotent } from '../../platform/http/idempotency.js';
import { isForm } from '../../platform/http/multipart.js';
import { PageDto } from '../../platform/http/page.dto.js';
import { PreferredWait } from '../../platform/http/prefer-wait.js';
import { RetryAfter } from '../../platform/http/retry-after.js';
import { validation } from '../../platform/http/validation.js';
import { ImportControl } from './import-control.service.js';
import { RequestImportDto } from './import.dto.js';
import { ImportListView, ImportView } from './import.view.js';
import { ImportsService } from './imports.service.js';

const ID = { name: 'id', description: '`id` of the import, as requesting it gave' } as const;
const EXAMPLES = {
  directory: { summary: 'The CSV files of the data folder', value: { source: 'directory' } },
  sample: { summary: 'The small set that comes with Storewatch', value: { source: 'sample' } },
};

@ApiTags('imports')
@Controller('api/v1/imports')
export class ImportsController {
  private readonly validation = validation();

  constructor(
    private readonly imports: ImportsService,
    private readonly control: ImportControl,
    private readonly streams: EventStreams,
  ) {}

  @Post()
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Load CSV files: those of the request, or those of the data folder',
    description:
      'As `multipart/form-data` with the files, plain or packed by gzip; all of them are taken, or none. ' +
      'Imports are loaded one after another, in the order in which they were accepted.',
  })
  @ApiBody({ type: RequestImportDto, examples: EXAMPLES })
  @ApiAcceptedResponse({ type: ImportView, description: 'The import is accepted; `links.self` follows it' })
  @ApiOkResponse({
    type: ImportView,
    description:
      'Every file was loaded before (`duplicate_of`), so there is nothing to do; `force` loads again',
  })
  @ApiBadRequestResponse({
    description: 'There is nothing to load, or the body is not as described, or broke off',
  })
  @ApiPayloadTooLargeResponse({ description: 'The files are larger than uploads may be, unpacked' })
  @ApiUnsupportedMediaTypeResponse({ description: 'A file is no CSV text' })
  @ApiUnprocessableEntityResponse({ description: 'A file is empty, damaged, or of no known kind' })
  @ApiResponse({ status: 507, description: 'There is no room on the disk for the files' })
  async request(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ImportView> {
    const view = isForm(request)
      ? await this.imports.upload(request)
      : await this.requestFolder(request.body);
    const isKnown = view.status === 'completed' && view.files.every(({ status }) => status === 'duplicate');
    response.set({ Location: view.links.self, ...(!isKnown && { 'Retry-After': '1' }) });
    if (isKnown) response.status(200);
    return view;
  }

  @Get()
  @ApiOperation({ summary: 'List imports, newest first' })
  @ApiOkResponse({ type: ImportListView, description: 'A page of imports, and the cursor of the next one' })
  list(@Query() query: PageDto): Promise<ImportListView> {
    return this.imports.list(query.limit, query.cursor);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Follow an import' })
  @ApiParam(ID)
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`wait=20` answers when the import has ended, or after 20 seconds',
  })
  @ApiOkResponse({ type: ImportView, description: 'The import as it stands' })
  @ApiNotFoundResponse({ description: 'There is no such import' })
  one(@Param('id') id: string, @PreferredWait() waitSeconds: number): Promise<ImportView> {
    return this.imports.findEnded(id, waitSeconds);
  }

  @Get(':id/events')
  @UseInterceptors(RetryAfter)
  @ApiOperation({
    summary: 'Follow an import by server-sent events',
    description:
      'An event `change` with the import whenever something of it has changed, and `ended` with it at its end.',
  })
  @ApiParam(ID)
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    schema: { type: 'string' },
    description: 'Events, each with an import as `data`, until the import has ended',
  })
  @ApiNotFoundResponse({ description: 'There is no such import' })
  @ApiTooManyRequestsResponse({
    description: 'Too many streams are open; `Retry-After` says when to ask again',
  })
  events(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.streams.send(request, response, {
      look: () => this.imports.find(id),
      isOver: ({ status }) => status !== 'pending' && status !== 'running',
    });
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Cancel an import',
    description:
      'Nothing of the file under way becomes visible. Files of the import that are loaded already stay loaded.',
  })
  @ApiParam(ID)
  @ApiAcceptedResponse({ type: ImportView, description: 'The import is cancelled' })
  @ApiConflictResponse({ description: 'The import has ended already' })
  @ApiNotFoundResponse({ description: 'There is no such import' })
  async cancel(@Param('id') id: string): Promise<ImportView> {
    await this.control.cancel(id);
    return this.imports.find(id);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Try a failed import again, or a cancelled one of the data folder',
    description: 'It waits behind the imports that wait now. What it has loaded already stays as it is.',
  })
  @ApiParam(ID)
  @ApiAcceptedResponse({ type: ImportView, description: 'The import is accepted again' })
  @ApiConflictResponse({
    description: 'The import did not fail and was not cancelled, or its files are gone',
  })
  @ApiNotFoundResponse({ description: 'There is no such import' })
  async retry(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<ImportView> {
    await this.control.retry(id);
    const view = await this.imports.find(id);
    response.set({ Location: view.links.self, 'Retry-After': '1' });
    return view;
  }

  /** A body may be a form, so it is checked here and not by the pipe that all routes share. */
  private async requestFolder(body: unknown): Promise<ImportView> {
    const wanted: RequestImportDto = await this.validation.transform(body ?? {}, {
      type: 'body',
      metatype: RequestImportDto,
    });
    return this.imports.request(wanted.source, {
      force: wanted.force ?? false,
      rejectLimitShare: wanted.reject_limit_share ?? null,
      rejectLimitRows: wanted.reject_limit_rows ?? null,
    });
  }
}
