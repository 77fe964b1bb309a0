import { Controller, HttpCode, Post, Req, UseInterceptors } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
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
import { MovementIntake } from './movement-intake.js';
import { AcceptedMovementsView, MovementDto } from './movement.view.js';

const EVENT = { $ref: getSchemaPath(MovementDto) };
const LIST = { type: 'array', maxItems: 1_000, items: EVENT } as const;

@ApiTags('movements')
@Controller('api/v1/movements')
@UseInterceptors(RetryAfter)
export class MovementIntakeController {
  constructor(private readonly intake: MovementIntake) {}

  @Post()
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Take what cameras saw',
    description:
      'One event, a list of at most 1,000 (2 MB), or as NDJSON (`application/x-ndjson`) at most 1,000 lines (2 MB). All are kept or none. ' +
      'An accepted event is stored once, whatever is killed, and however often it is sent under its `event_id`.',
  })
  @ApiExtraModels(MovementDto)
  @ApiConsumes('application/json', 'application/x-ndjson')
  @ApiBody({ schema: { oneOf: [EVENT, LIST] } })
  @ApiAcceptedResponse({ type: AcceptedMovementsView, description: 'The events are kept' })
  @ApiBadRequestResponse({
    description: 'At least one event is bad; `errors` tells which and why, and nothing was kept',
  })
  @ApiConflictResponse({
    description:
      'An `event_id` stands for two different events of the request, or the first request with this `Idempotency-Key` is still at work',
  })
  @ApiPayloadTooLargeResponse({ description: 'More than 1,000 events or 2 MB' })
  @ApiUnsupportedMediaTypeResponse({ description: 'Neither JSON nor NDJSON' })
  @ApiTooManyRequestsResponse({
    description: 'Too many events wait to be stored; `Retry-After` says when to send them again',
  })
  @ApiServiceUnavailableResponse({
    description: 'Neither Redis nor the database can keep them; `Retry-After` says when to send them again',
  })
  async accept(@Req() request: Request): Promise<AcceptedMovementsView> {
    const body: unknown = request.body;
    if (!Buffer.isBuffer(body))
      throw new Problem(
        400,
        'bad_body',
        'The body is empty. It has to be an event, a list of events, or an event on each line.',
      );
    return this.intake.accept(body, request.is('application/json') === false);
  }
}
