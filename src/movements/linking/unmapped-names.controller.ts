import { Body, Controller, Get, HttpCode, Post, Query, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { Idempotent } from '../../platform/http/idempotency.js';
import { RetryAfter } from '../../platform/http/retry-after.js';
import { LinkNameDto, ListUnmappedNamesDto } from './linking.dto.js';
import { LinkingService } from './linking.service.js';
import { LinkedNameView, UnmappedNameListView } from './linking.view.js';

@ApiTags('movements')
@Controller('api/v1/movements/unmapped')
@UseInterceptors(RetryAfter)
export class UnmappedNamesController {
  constructor(private readonly linking: LinkingService) {}

  @Get()
  @ApiOperation({
    summary: 'Look at names of events that stand for no store',
    description: 'Nobody has such a name, or several stores have it.',
  })
  @ApiOkResponse({ type: UnmappedNameListView, description: 'Names, and how many events bear each' })
  @ApiBadRequestResponse({ description: 'The cursor is none' })
  list(@Query() { limit, cursor }: ListUnmappedNamesDto): Promise<UnmappedNameListView> {
    return this.linking.list(limit, cursor);
  }

  @Post('link')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({
    summary: 'Say which store a name stands for',
    description:
      'The name becomes an alias of the store, and events of the past that bear it become its own, as if it had always had the name.',
  })
  @ApiOkResponse({ type: LinkedNameView, description: 'How many events were linked' })
  @ApiBadRequestResponse({ description: 'The name or the id is none' })
  @ApiNotFoundResponse({ description: 'There is no such store' })
  @ApiConflictResponse({ description: 'The name leads to another store, or the store has too many names' })
  @ApiServiceUnavailableResponse({
    description: 'Files are being merged; `Retry-After` says when to send the same again',
  })
  link(@Body() { name, store_id }: LinkNameDto): Promise<LinkedNameView> {
    return this.linking.link(name, store_id);
  }
}
