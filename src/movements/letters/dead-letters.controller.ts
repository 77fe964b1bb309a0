import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Idempotent } from '../../platform/http/idempotency.js';
import { ListDeadLettersDto, ReplayDto } from './dead-letters.dto.js';
import { DeadLettersService } from './dead-letters.service.js';
import { DeadLetterListView, ReplayView } from './dead-letters.view.js';

@ApiTags('movements')
@Controller('api/v1/movements/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersService) {}

  @Get()
  @ApiOperation({ summary: 'Look at events that were accepted and could not be stored' })
  @ApiOkResponse({ type: DeadLetterListView, description: 'The newest first, each with its reason' })
  @ApiBadRequestResponse({ description: 'The cursor is none' })
  list(@Query() { limit, cursor }: ListDeadLettersDto): Promise<DeadLetterListView> {
    return this.letters.list(limit, cursor);
  }

  @Post('replay')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({
    summary: 'Try to store them again',
    description:
      'One whose id belongs to another event is stored under an id of its own: who replays it says that it is a different one.',
  })
  @ApiOkResponse({ type: ReplayView, description: 'What became of each; those that failed are kept' })
  @ApiBadRequestResponse({ description: 'The ids or the cursor are none' })
  replay(@Body() { ids, cursor }: ReplayDto): Promise<ReplayView> {
    return this.letters.replay(ids, cursor);
  }
}
