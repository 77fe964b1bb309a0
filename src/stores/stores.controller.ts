import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
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
import { IF_MATCH, IfMatch, withTag } from '../platform/http/entity-tag.js';
import { Idempotent } from '../platform/http/idempotency.js';
import { RetryAfter } from '../platform/http/retry-after.js';
import { ChangeStoreDto, CreateStoreDto, ListStoresDto } from './store.dto.js';
import { StoreListReader } from './store-list.reader.js';
import { StoreListView, StoreView } from './store.view.js';
import { StoresService } from './stores.service.js';

export const STORE_ID = {
  name: 'id',
  description: '`store_id`, percent-encoded where it holds other than letters and digits',
} as const;
export const NO_STORE = { description: 'There is no such store' } as const;
export const CHANGED = { description: 'It was changed since it was read; nothing was done' } as const;
export const BUSY = {
  description: 'Files are being merged; `Retry-After` says when to send the same again',
} as const;

@ApiTags('stores')
@Controller('api/v1/stores')
@UseInterceptors(RetryAfter)
export class StoresController {
  constructor(
    private readonly stores: StoresService,
    private readonly reader: StoreListReader,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List stores in the byte order of their ids' })
  @ApiOkResponse({ type: StoreListView, description: 'A page of stores, and the cursor of the next one' })
  @ApiBadRequestResponse({ description: 'A parameter is unknown or has a value that is not allowed' })
  list(@Query() query: ListStoresDto): Promise<StoreListView> {
    return this.reader.list(query);
  }

  @Post()
  @Idempotent()
  @ApiOperation({
    summary: 'Make a store',
    description: 'Files and polls make the stores that they name themselves.',
  })
  @ApiCreatedResponse({ type: StoreView, description: 'The store; `Location` says where it is' })
  @ApiBadRequestResponse({
    description: 'A member is unknown or has a value that is not allowed; `errors` says which',
  })
  @ApiConflictResponse({ description: 'The id is there already, or another store has one of the names' })
  @ApiServiceUnavailableResponse(BUSY)
  async create(
    @Body() request: CreateStoreDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StoreView> {
    const { view, etag } = await this.stores.create(request);
    response.set({ Location: view.links.self, ETag: etag });
    return view;
  }

  @Get(':id')
  @ApiOperation({ summary: 'Look at a store' })
  @ApiParam(STORE_ID)
  @ApiOkResponse({ type: StoreView, description: 'The store; its `ETag` goes into `If-Match` of an edit' })
  @ApiNotFoundResponse(NO_STORE)
  async one(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<StoreView> {
    return withTag(response, await this.stores.find(id));
  }

  @Put(':id')
  @ApiOperation({
    summary: 'Change a store',
    description: 'Members that are left out stay as they are; null takes away what was there.',
  })
  @ApiParam(STORE_ID)
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: StoreView, description: 'The store as it is now' })
  @ApiBadRequestResponse({
    description: 'A member is unknown or has a value that is not allowed; `errors` says which',
  })
  @ApiNotFoundResponse(NO_STORE)
  @ApiConflictResponse({ description: 'Another store has one of the names' })
  @ApiPreconditionFailedResponse(CHANGED)
  @ApiServiceUnavailableResponse(BUSY)
  async change(
    @Param('id') id: string,
    @Body() request: ChangeStoreDto,
    @IfMatch() ifMatch: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StoreView> {
    return withTag(response, await this.stores.change(id, request, ifMatch));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Archive a store',
    description:
      'Its last date of business is today at the latest. What is known of it stays; its polls are still taken.',
  })
  @ApiParam(STORE_ID)
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse({ description: 'It is archived' })
  @ApiNotFoundResponse(NO_STORE)
  @ApiPreconditionFailedResponse(CHANGED)
  @ApiServiceUnavailableResponse(BUSY)
  archive(@Param('id') id: string, @IfMatch() ifMatch: string | null): Promise<void> {
    return this.stores.archive(id, ifMatch);
  }
}
