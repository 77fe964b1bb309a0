import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Put,
  Query,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiHeader,
  ApiNoContentResponse,
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
import { ChangeExceptionsDto, ListExceptionsDto } from './store-exceptions.dto.js';
import { StoreExceptionsService } from './store-exceptions.service.js';
import { ExceptionListView } from './store-exceptions.view.js';
import { BUSY, CHANGED, NO_STORE, STORE_ID } from '../stores.controller.js';

@ApiTags('stores')
@Controller('api/v1/stores/:id/exceptions')
@UseInterceptors(RetryAfter)
export class StoreExceptionsController {
  constructor(private readonly exceptions: StoreExceptionsService) {}

  @Get()
  @ApiOperation({ summary: 'List the dates on which a store has windows of its own' })
  @ApiParam(STORE_ID)
  @ApiOkResponse({
    type: ExceptionListView,
    description: 'A page of dates in order, and the cursor of the next one',
  })
  @ApiNotFoundResponse(NO_STORE)
  async list(
    @Param('id') id: string,
    @Query() query: ListExceptionsDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExceptionListView> {
    return withTag(response, await this.exceptions.list(id, query));
  }

  @Put()
  @ApiOperation({
    summary: 'Give dates windows of their own, or close them',
    description: 'Other dates stay as they are.',
  })
  @ApiParam(STORE_ID)
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: ExceptionListView, description: 'The dates that were named, as they are now' })
  @ApiBadRequestResponse({ description: 'A window or a date is none; `errors` says which' })
  @ApiNotFoundResponse(NO_STORE)
  @ApiPreconditionFailedResponse(CHANGED)
  @ApiServiceUnavailableResponse(BUSY)
  async change(
    @Param('id') id: string,
    @Body() request: ChangeExceptionsDto,
    @IfMatch() ifMatch: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExceptionListView> {
    return withTag(response, await this.exceptions.change(id, request, ifMatch));
  }

  @Delete(':date')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take an exception away: the weekly hours hold on its date again' })
  @ApiParam(STORE_ID)
  @ApiParam({ name: 'date', description: 'The local date, such as 2026-12-25' })
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiBadRequestResponse({ description: 'The date is none' })
  @ApiNotFoundResponse({ description: 'There is no such store, or it has no exception on that date' })
  @ApiPreconditionFailedResponse(CHANGED)
  @ApiServiceUnavailableResponse(BUSY)
  remove(
    @Param('id') id: string,
    @Param('date') date: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<void> {
    return this.exceptions.remove(id, date, ifMatch);
  }
}
