import { Body, Controller, Delete, Get, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiGoneResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { RetryAfter } from '../platform/http/retry-after.js';
import { RestoreDataDto } from './clearing.dto.js';
import { ClearingService } from './clearing.service.js';
import { ClearedDataListView, ClearingView, RestoringView } from './clearing.view.js';

const BUSY = { description: 'Something reads or writes the data for long; nothing was changed' };
const WORK_RUNS = { description: 'Imports or reports wait or run; `detail` names them' };

@ApiTags('data')
@Controller('api/v1/data')
@UseInterceptors(RetryAfter)
export class ClearingController {
  constructor(private readonly clearing: ClearingService) {}

  @Delete()
  @ApiOperation({
    summary: 'Clear all data',
    description:
      'Stores with their hours, zones, exceptions and mappings, polls, what cameras saw with all that was worked out of it, and the history of imports. ' +
      'Events that wait in Redis are stored first, so they are among it. Reports and blueprints stay. Can be taken back within 24 hours.',
  })
  @ApiOkResponse({ type: ClearingView, description: 'What was cleared, counted' })
  @ApiConflictResponse(WORK_RUNS)
  @ApiServiceUnavailableResponse(BUSY)
  clear(): Promise<ClearingView> {
    return this.clearing.clear();
  }

  @Post('restore')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Take a clearing back',
    description: 'What is there now is put away in its place.',
  })
  @ApiBody({ type: RestoreDataDto, required: false })
  @ApiOkResponse({ type: RestoringView, description: 'What was brought back, and what was put away' })
  @ApiNotFoundResponse({ description: 'There is nothing to take back' })
  @ApiGoneResponse({ description: 'The 24 hours are over' })
  @ApiConflictResponse({ description: `${WORK_RUNS.description}; or another version has cleared the data` })
  @ApiServiceUnavailableResponse(BUSY)
  restore(@Body() body: RestoreDataDto): Promise<RestoringView> {
    return this.clearing.restore(body.cleared_id ?? null);
  }

  @Get('cleared')
  @ApiOperation({ summary: 'List what was cleared and can be taken back, latest first' })
  @ApiOkResponse({ type: ClearedDataListView, description: 'Every clearing of the last 24 hours' })
  async cleared(): Promise<ClearedDataListView> {
    return { data: await this.clearing.list() };
  }
}
