import { Body, Controller, Get, Param, Put, Query, Res, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiPreconditionFailedResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { IF_MATCH, IfMatch, withTag } from '../../platform/http/entity-tag.js';
import { RetryAfter } from '../../platform/http/retry-after.js';
import { ChangeHoursDto, HoursQueryDto } from './store-hours.dto.js';
import { StoreHoursService } from './store-hours.service.js';
import { HoursView } from './store-hours.view.js';
import { BUSY, CHANGED, NO_STORE, STORE_ID } from '../stores.controller.js';

@ApiTags('stores')
@Controller('api/v1/stores/:id/hours')
@UseInterceptors(RetryAfter)
export class StoreHoursController {
  constructor(private readonly hours: StoreHoursService) {}

  @Get()
  @ApiOperation({ summary: 'Look at the weekly hours of a store: of a date, and all there are' })
  @ApiParam(STORE_ID)
  @ApiOkResponse({ type: HoursView, description: 'The hours; their `ETag` goes into `If-Match` of an edit' })
  @ApiNotFoundResponse(NO_STORE)
  async one(
    @Param('id') id: string,
    @Query() query: HoursQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<HoursView> {
    return withTag(response, await this.hours.find(id, query.date ?? null));
  }

  @Put()
  @ApiOperation({ summary: 'Say which weekly hours hold from a date on' })
  @ApiParam(STORE_ID)
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: HoursView, description: 'The hours of today, and all there are now' })
  @ApiBadRequestResponse({ description: 'A window or a date is none; `errors` says which' })
  @ApiNotFoundResponse(NO_STORE)
  @ApiPreconditionFailedResponse(CHANGED)
  @ApiServiceUnavailableResponse(BUSY)
  async change(
    @Param('id') id: string,
    @Body() request: ChangeHoursDto,
    @IfMatch() ifMatch: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<HoursView> {
    return withTag(response, await this.hours.change(id, request, ifMatch));
  }
}
