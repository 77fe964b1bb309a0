import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { NO_STORE, STORE_ID } from '../stores.controller.js';
import { TimelineQueryDto } from './timeline.dto.js';
import { TimelineService } from './timeline.service.js';
import { TimelineView } from './timeline.view.js';

@ApiTags('stores')
@Controller('api/v1/stores/:id/timeline')
export class TimelineController {
  constructor(private readonly timelines: TimelineService) {}

  @Get()
  @ApiOperation({
    summary: "Look at a store's last days: when it was open, what it was, and which polls say so",
    description: 'By the rules of reports, for whole local dates; the last one holds as-of.',
  })
  @ApiParam(STORE_ID)
  @ApiOkResponse({ type: TimelineView, description: 'Local dates, segments and polls, in order of time' })
  @ApiBadRequestResponse({ description: 'A parameter is unknown or has a value that is not allowed' })
  @ApiNotFoundResponse(NO_STORE)
  timeline(@Param('id') id: string, @Query() query: TimelineQueryDto): Promise<TimelineView> {
    return this.timelines.timeline(id, query);
  }
}
