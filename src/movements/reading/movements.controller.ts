import { Controller, Delete, Get, HttpCode, Query, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { RetryAfter } from '../../platform/http/retry-after.js';
import { ErasePersonDto } from '../privacy/erasure.dto.js';
import { ErasureService } from '../privacy/erasure.service.js';
import { ErasedPersonView } from '../privacy/erasure.view.js';
import { ListMovementsDto } from './movement-list.dto.js';
import { MovementListService } from './movement-list.service.js';
import { MovementListView } from './movement-list.view.js';

@ApiTags('movements')
@Controller('api/v1/movements')
@UseInterceptors(RetryAfter)
export class MovementsController {
  constructor(
    private readonly movements: MovementListService,
    private readonly erasure: ErasureService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Look at what cameras saw, the newest first' })
  @ApiOkResponse({
    type: MovementListView,
    description: 'Events that are stored; those that wait are not among them',
  })
  @ApiBadRequestResponse({ description: 'A filter or the cursor is none' })
  list(@Query() query: ListMovementsDto): Promise<MovementListView> {
    return this.movements.list(query);
  }

  @Delete()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Erase a person',
    description:
      'Removes the events of a person and all that was worked out of them, for good: what is stored, what waits, what could not be stored, and what was cleared and could be taken back.',
  })
  @ApiOkResponse({
    type: ErasedPersonView,
    description: 'What was removed; nothing, for somebody who is not known',
  })
  @ApiBadRequestResponse({ description: 'No user_id is given' })
  @ApiServiceUnavailableResponse({
    description: 'Some of it can not be reached now; `Retry-After` says when to do it again',
  })
  erase(@Query() { user_id }: ErasePersonDto): Promise<ErasedPersonView> {
    return this.erasure.erase(user_id);
  }
}
