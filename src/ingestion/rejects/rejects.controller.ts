import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ListRejectsDto, RejectReasonsDto, RejectsCsvDto } from './reject.dto.js';
import { RejectListView, RejectReasonListView } from './reject.view.js';
import { RejectsReader } from './rejects.reader.js';

const ID = { name: 'id', description: '`id` of the import, as requesting it gave' } as const;
const NOT_FOUND = { description: 'There is no such import, or it has no such file' };

@ApiTags('imports')
@Controller('api/v1/imports/:id')
@ApiParam(ID)
@ApiNotFoundResponse(NOT_FOUND)
export class RejectsController {
  constructor(private readonly rejects: RejectsReader) {}

  @Get('rejects')
  @ApiOperation({ summary: 'List the rows that were set aside, with line, column and reason' })
  @ApiOkResponse({ type: RejectListView, description: 'A page of rows, and the cursor of the next one' })
  list(@Param('id') id: string, @Query() query: ListRejectsDto): Promise<RejectListView> {
    return this.rejects.list(id, query);
  }

  @Get('rejects/reasons')
  @ApiOperation({ summary: 'Count the rows that were set aside by file, reason and column' })
  @ApiOkResponse({ type: RejectReasonListView, description: 'The reasons, with an example of each' })
  reasons(@Param('id') id: string, @Query() query: RejectReasonsDto): Promise<RejectReasonListView> {
    return this.rejects.reasons(id, query.file);
  }

  @Get('rejects.csv')
  @ApiOperation({ summary: 'Download the rows that were set aside, to mend them and send them again' })
  @ApiProduces('text/csv')
  @ApiOkResponse({
    schema: { type: 'string', format: 'binary' },
    description:
      "An attachment: the file's own header, then the rows as they stood, in order. `X-Truncated-Rows` says of how many only the first 4 KB are there",
  })
  @ApiBadRequestResponse({ description: 'Several files have rejects, and `file` names none' })
  async download(
    @Param('id') id: string,
    @Query() query: RejectsCsvDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { fileName, truncatedRows, content } = await this.rejects.download(id, query.file, query.reasons);
    response.set({
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${fileName}"`,
      'Cache-Control': 'private, no-cache',
      'X-Truncated-Rows': String(truncatedRows),
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    try {
      await pipeline(Readable.from(content), response);
    } catch (error) {
      // The client went away in the middle.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  }
}
