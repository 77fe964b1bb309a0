import { Controller, HttpCode, Post, Req, UseInterceptors } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnsupportedMediaTypeResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { Idempotent } from '../../platform/http/idempotency.js';
import { RetryAfter } from '../../platform/http/retry-after.js';
import { Problem } from '../../platform/problem.js';
import { AcceptedPollsView, LivePollDto } from './live-poll.dto.js';
import { LivePollsService } from './live-polls.service.js';

const POLL = { $ref: getSchemaPath(LivePollDto) };
const LIST = { type: 'array', maxItems: 5_000, items: POLL } as const;

@ApiTags('polls')
@Controller('api/v1/polls')
@UseInterceptors(RetryAfter)
export class PollsController {
  constructor(private readonly polls: LivePollsService) {}

  @Post()
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Take live polls',
    description:
      'One poll, a list of at most 5,000 (2 MB), or as NDJSON (`application/x-ndjson`) at most 5,000 lines (8 MB). All are kept or none. ' +
      'A poll may lie in the past, may name a store that is not known yet, and may be sent again: the same store and instant is one poll, with the status that came last.',
  })
  @ApiExtraModels(LivePollDto)
  @ApiConsumes('application/json', 'application/x-ndjson')
  @ApiBody({ schema: { oneOf: [POLL, LIST] } })
  @ApiAcceptedResponse({
    type: AcceptedPollsView,
    description: 'The polls are stored, and in every report that is requested from now on',
  })
  @ApiBadRequestResponse({
    description: 'At least one poll is bad; `errors` tells which and why, and nothing was kept',
  })
  @ApiPayloadTooLargeResponse({ description: 'More than 5,000 polls, 2 MB of JSON or 8 MB of NDJSON' })
  @ApiUnsupportedMediaTypeResponse({ description: 'Neither JSON nor NDJSON' })
  @ApiTooManyRequestsResponse({
    description: 'Too many polls wait to be merged; `Retry-After` says when to send them again',
  })
  @ApiServiceUnavailableResponse({
    description: 'The database is away; `Retry-After` says when to send them again',
  })
  async accept(@Req() request: Request): Promise<AcceptedPollsView> {
    const body: unknown = request.body;
    if (!Buffer.isBuffer(body))
      throw new Problem(
        400,
        'bad_body',
        'The body is empty. It has to be a poll, a list of polls, or a poll on each line.',
      );
    return { accepted: await this.polls.accept(body, request.is('application/json') === false) };
  }
}
