import { Controller, Get, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { EventStreams } from '../../platform/http/events.js';
import { RetryAfter } from '../../platform/http/retry-after.js';
import { StatusQueryDto, StoresDownQueryDto } from './status.dto.js';
import { StatusService } from './status.service.js';
import { StandingListView, StoresStatusView } from './status.view.js';

const TOO_MANY = { description: 'Too many other instants are being looked at' } as const;

@ApiTags('status')
@Controller('api/v1/status')
@UseInterceptors(RetryAfter)
export class StatusController {
  constructor(
    private readonly statuses: StatusService,
    private readonly streams: EventStreams,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'What all stores are now, or were then',
    description:
      'By the rules of reports: what a report with this as-of knows of that very instant. Worked out at most every few seconds; `ETag` and `If-None-Match` save the rest.',
  })
  @ApiOkResponse({ type: StoresStatusView, description: 'Counts; every store is in one of them' })
  @ApiResponse({ status: 304, description: 'The counts of `If-None-Match` still hold' })
  @ApiBadRequestResponse({ description: 'as_of is no instant, or a parameter is unknown' })
  @ApiServiceUnavailableResponse(TOO_MANY)
  async status(@Query() query: StatusQueryDto, @Res() response: Response): Promise<void> {
    const { body, etag } = await this.statuses.status(query.as_of);
    response.set({ ETag: etag, 'Cache-Control': 'no-cache' }).type('application/json').send(body);
  }

  @Get('down')
  @ApiOperation({ summary: 'The stores that are open and down, or unobserved: longest first' })
  @ApiOkResponse({ type: StandingListView, description: 'A page of stores, and the cursor of the next one' })
  @ApiBadRequestResponse({ description: 'A parameter is unknown or has a value that is not allowed' })
  @ApiServiceUnavailableResponse(TOO_MANY)
  down(@Query() query: StoresDownQueryDto): Promise<StandingListView> {
    return this.statuses.list(query);
  }

  @Get('events')
  @ApiOperation({
    summary: 'Follow the counts by server-sent events: `change` whenever they or as-of change',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    schema: { type: 'string' },
    description: 'A stream without an end; `data` holds the counts',
  })
  @ApiResponse({ status: 429, description: 'Too many streams are open' })
  events(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.streams.send(request, response, {
      look: () => this.statuses.counts(),
      isOver: () => false,
    });
  }
}
