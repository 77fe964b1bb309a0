import { Body, Controller, Get, HttpCode, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { RetryAfter } from '../platform/http/retry-after.js';
import { pageLinks, readPage } from './numbered-page.js';
import { SystemDMovements } from './system-d-movements.js';
import {
  AddedMovementView,
  ClearedQueueView,
  MovementLogPageView,
  ProcessingView,
  QueueStatusView,
  SystemHealthView,
  WorkerTestView,
} from './system-d.view.js';

const USUAL_PAGE = 50;
const LARGEST_PAGE = 1_000;

const EVENT = {
  type: 'object',
  required: ['user_id', 'track_id', 'bbox', 'state', 'store'],
  properties: {
    user_id: { type: 'string' },
    track_id: { type: 'integer' },
    bbox: { type: 'array', items: { type: 'number' }, minItems: 4, maxItems: 4 },
    state: { type: 'string', maxLength: 32 },
    store: { type: 'string' },
  },
  example: {
    user_id: 'USER123',
    track_id: 1,
    bbox: [100, 100, 200, 200],
    state: 'walking',
    store: 'Store A',
  },
};

/** System D: movement logs, the queue they go through, and how all of it is. */
@ApiTags('earlier client D')
@Controller('api/logs')
@UseInterceptors(RetryAfter)
export class SystemDController {
  constructor(private readonly logs: SystemDMovements) {}

  @Post('add-movement')
  @ApiOperation({
    summary: 'Add a movement log',
    description: 'Members that POST /api/v1/movements knows are heeded; others are left out.',
  })
  @ApiBody({ schema: EVENT })
  @ApiCreatedResponse({ type: AddedMovementView, description: 'It is kept, whatever stops from now on' })
  @ApiBadRequestResponse({ description: 'It is bad; `errors` says all that is wrong' })
  @ApiTooManyRequestsResponse({ description: 'Too many wait; `Retry-After` says when to send it again' })
  @ApiServiceUnavailableResponse({ description: 'Neither Redis nor the database answers' })
  add(@Body() body: unknown): Promise<AddedMovementView> {
    return this.logs.add(body);
  }

  @Get('movements')
  @ApiOperation({ summary: 'Look at the movement logs that are stored, newest first' })
  @ApiQuery({
    name: 'page',
    required: false,
    description: 'Counted from 1',
    schema: { type: 'integer', minimum: 1, default: 1 },
  })
  @ApiQuery({
    name: 'page_size',
    required: false,
    description: 'A larger one gives the largest, one that is none the usual one',
    schema: { type: 'integer', minimum: 1, maximum: LARGEST_PAGE, default: USUAL_PAGE },
  })
  @ApiOkResponse({ type: MovementLogPageView, description: 'A page, and where those beside it are' })
  @ApiNotFoundResponse({ description: 'There is no such page' })
  async list(@Query() query: Record<string, unknown>, @Req() request: Request): Promise<MovementLogPageView> {
    const page = readPage(query, USUAL_PAGE, LARGEST_PAGE);
    const { total, results } = await this.logs.page(page);
    return {
      results,
      count: total,
      ...pageLinks(request, page, total),
      page: page.page,
      page_size: page.pageSize,
      total_count: total,
    };
  }

  @Get('queue-status')
  @ApiOperation({ summary: 'Ask how many movement logs wait in Redis' })
  @ApiOkResponse({ type: QueueStatusView, description: 'How many, and whether Redis answers' })
  status(): Promise<QueueStatusView> {
    return this.logs.status();
  }

  @Post('process')
  @HttpCode(202)
  @ApiOperation({ summary: 'Have what waits stored now' })
  @ApiAcceptedResponse({
    type: ProcessingView,
    description: 'A worker will do it, or `message` says why none can now',
  })
  process(): Promise<ProcessingView> {
    return this.logs.process();
  }

  @Post('clear-queue')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Remove what waits in Redis',
    description: 'Logs that a worker has taken already are stored.',
  })
  @ApiOkResponse({ type: ClearedQueueView, description: 'Exactly how many were removed' })
  @ApiServiceUnavailableResponse({ description: 'Redis does not answer' })
  clear(): Promise<ClearedQueueView> {
    return this.logs.clear();
  }

  @Get('test-celery')
  @ApiOperation({ summary: 'Send a job through the queue to a worker and back' })
  @ApiOkResponse({ type: WorkerTestView, description: 'A worker answered' })
  @ApiServiceUnavailableResponse({
    type: WorkerTestView,
    description: 'No worker answered within 10 seconds, or there is no queue',
  })
  async testWorker(@Res({ passthrough: true }) response: Response): Promise<WorkerTestView> {
    const view = await this.logs.testWorker();
    response.status(view.celery_working ? 200 : 503);
    return view;
  }

  @Get('health')
  @ApiOperation({ summary: 'Ask whether Redis, a worker and the database answer' })
  @ApiOkResponse({ type: SystemHealthView, description: 'All do' })
  @ApiServiceUnavailableResponse({ type: SystemHealthView, description: 'Some do not' })
  async health(@Res({ passthrough: true }) response: Response): Promise<SystemHealthView> {
    const view = await this.logs.health();
    response.status(view.overall_status === 'healthy' ? 200 : 503);
    return view;
  }
}
