import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { withTag } from '../../platform/http/entity-tag.js';
import { FloorFiguresService } from './floor-figures.service.js';
import { HeatmapQueryDto, ZoneMetricsQueryDto } from './floor.dto.js';
import { FloorMetricsView, HeatmapView } from './floor.view.js';

const STORE_ID = {
  name: 'id',
  description: 'Id, name or alias of the store, percent-encoded',
} as const;
const BAD_RANGE = {
  description: 'A parameter is unknown or not allowed, or the time is none or longer than 31 days',
} as const;

@ApiTags('movements')
@Controller('api/v1/stores/:id')
export class FloorController {
  constructor(private readonly figures: FloorFiguresService) {}

  @Get('zones/metrics')
  @ApiOperation({
    summary: 'Look at what people did in the zones of a store',
    description:
      'Visits, people, dwell and occupancy by zone, entries and exits by line, by the layout in force at each instant. Small counts are shown too: whoever may read this may also read single movements.',
  })
  @ApiParam(STORE_ID)
  @ApiOkResponse({ type: FloorMetricsView, description: 'Figures by zone and by line' })
  @ApiBadRequestResponse(BAD_RANGE)
  @ApiConflictResponse({ description: 'Several stores have the name' })
  @ApiNotFoundResponse({ description: 'There is no such store, or no such zone' })
  async metrics(
    @Param('id') id: string,
    @Query() query: ZoneMetricsQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<FloorMetricsView> {
    return withTag(response, await this.figures.metrics(id, query));
  }

  @Get('heatmap')
  @ApiOperation({
    summary: 'Look at where people were on the plan of a store',
    description:
      'Time by cell, of whole quarters of an hour. Cells in which fewer than 5 different people were say nothing.',
  })
  @ApiParam(STORE_ID)
  @ApiOkResponse({ type: HeatmapView, description: 'Seconds by cell' })
  @ApiBadRequestResponse(BAD_RANGE)
  @ApiConflictResponse({ description: 'Several stores have the name' })
  @ApiNotFoundResponse({ description: 'There is no such store' })
  async heatmap(
    @Param('id') id: string,
    @Query() query: HeatmapQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<HeatmapView> {
    return withTag(response, await this.figures.heatmap(id, query));
  }
}
