import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { PageDto } from '../platform/http/page.dto.js';
import { preferredWaitSeconds } from '../platform/http/prefer-wait.js';
import { ListRejectsDto, RequestImportDto } from './import.dto.js';
import { ImportListView, ImportView, RejectListView } from './import.view.js';
import { ImportsService } from './imports.service.js';

@ApiTags('imports')
@Controller('api/v1/imports')
export class ImportsController {
  constructor(private readonly imports: ImportsService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Load the CSV files of the data folder' })
  @ApiAcceptedResponse({ type: ImportView })
  @ApiBadRequestResponse({ description: 'The folder holds none of the files' })
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
  @ApiOkResponse({ type: ImportListView })
  list(@Query() query: PageDto): Promise<ImportListView> {
    return this.imports.list(query.limit, query.cursor);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Follow an import' })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`wait=20` answers when the import has ended, or after 20 seconds',
  })
  @ApiOkResponse({ type: ImportView })
  @ApiNotFoundResponse({ description: 'There is no such import' })
  one(@Param('id') id: string, @Headers('prefer') prefer?: string): Promise<ImportView> {
    return this.imports.findEnded(id, preferredWaitSeconds(prefer));
  }

  @Get(':id/rejects')
  @ApiOperation({ summary: 'List the rows that were set aside, with line, column and reason' })
  @ApiOkResponse({ type: RejectListView })
  @ApiNotFoundResponse({ description: 'There is no such import' })
  rejects(@Param('id') id: string, @Query() query: ListRejectsDto): Promise<RejectListView> {
    return this.imports.rejects(id, query.limit, query.cursor);
  }
}
