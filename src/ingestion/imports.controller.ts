import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { PageDto } from '../platform/http/page.dto.js';
import { PreferredWait } from '../platform/http/prefer-wait.js';
import { ListRejectsDto, RequestImportDto } from './import.dto.js';
import { ImportListView, ImportView, RejectListView } from './import.view.js';
import { ImportsService } from './imports.service.js';

const ID = { name: 'id', description: '`id` of the import, as requesting it gave' } as const;
const EXAMPLES = {
  directory: { summary: 'The CSV files of the data folder', value: { source: 'directory' } },
  sample: { summary: 'The small set that comes with Storewatch', value: { source: 'sample' } },
};

@ApiTags('imports')
@Controller('api/v1/imports')
export class ImportsController {
  constructor(private readonly imports: ImportsService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Load the CSV files of the data folder' })
  @ApiBody({ type: RequestImportDto, examples: EXAMPLES })
  @ApiAcceptedResponse({ type: ImportView, description: 'The import is accepted; `links.self` follows it' })
  @ApiBadRequestResponse({
    description: 'The folder is not there or holds none of the files, or the body is not as described',
  })
  async request(
    @Body() body: RequestImportDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ImportView> {
    const accepted = await this.imports.request(body.source);
    response.set({ Location: accepted.links.self, 'Retry-After': '1' });
    return accepted;
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

  @Get(':id/rejects')
  @ApiOperation({ summary: 'List the rows that were set aside, with line, column and reason' })
  @ApiParam(ID)
  @ApiOkResponse({ type: RejectListView, description: 'A page of rows, and the cursor of the next one' })
  @ApiNotFoundResponse({ description: 'There is no such import' })
  rejects(@Param('id') id: string, @Query() query: ListRejectsDto): Promise<RejectListView> {
    return this.imports.rejects(id, query.limit, query.cursor);
  }
}
