import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiPreconditionFailedResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { IF_MATCH, IfMatch, withTag } from '../../platform/http/entity-tag.js';
import { Idempotent } from '../../platform/http/idempotency.js';
import { MappingBody } from '../blueprint-body.view.js';
import { ListVersionsDto, RollbackDto } from '../blueprint.dto.js';
import { MappingService } from './mapping.service.js';
import { MappingView, RevisionListView, RevisionView } from './mapping.view.js';

const STORE = {
  name: 'id',
  description:
    'Id, name or alias of the store, percent-encoded; `default` is the mapping of clients that name no store',
} as const;
const NO_STORE = { description: 'There is no such store' } as const;
const CHANGED = { description: 'The mapping was changed since it was read; nothing was done' } as const;
const TOO_EARLY = {
  description:
    'effective_from lies in the past, or before that of a revision that is planned: withdraw that one first',
} as const;
const REVISION = { name: 'revision', description: 'Counted from 1' } as const;
const NO_REVISION = { description: 'There is no such store or revision' } as const;
const TOO_LATE = { description: 'effective_from is more than 366 days ahead, or a member is bad' } as const;

@ApiTags('mapping')
@Controller('api/v1/stores/:id/mapping')
export class MappingController {
  constructor(private readonly mappings: MappingService) {}

  @Get()
  @ApiOperation({
    summary: 'Look at the mapping that is in force for a store',
    description: 'Revision 0 with empty lists: there is none.',
  })
  @ApiParam(STORE)
  @ApiOkResponse({
    type: MappingView,
    description: 'Zones, lines and cameras; the `ETag` goes into `If-Match` of an edit',
  })
  @ApiNotFoundResponse(NO_STORE)
  async find(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<MappingView> {
    return withTag(response, await this.mappings.find(id));
  }

  @Put()
  @ApiOperation({
    summary: 'Edit the mapping of a store by hand',
    description: 'Adds a revision. Members that are left out stay as they are.',
  })
  @ApiParam(STORE)
  @ApiHeader(IF_MATCH)
  @ApiBody({ type: MappingBody })
  @ApiOkResponse({ type: MappingView, description: 'The mapping that is in force now' })
  @ApiBadRequestResponse({
    description: 'A zone, a line, a camera or another member is none; `errors` names every one',
  })
  @ApiNotFoundResponse(NO_STORE)
  @ApiConflictResponse(TOO_EARLY)
  @ApiPreconditionFailedResponse(CHANGED)
  async replace(
    @Param('id') id: string,
    @Body() body: object,
    @IfMatch() ifMatch: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MappingView> {
    return withTag(response, await this.mappings.replace(id, body, ifMatch));
  }

  @Get('revisions')
  @ApiOperation({
    summary: 'List the revisions of a mapping, newest first',
    description: 'Without their layouts. One that was withdrawn stays in the list, with `withdrawn_at`.',
  })
  @ApiParam(STORE)
  @ApiOkResponse({
    type: RevisionListView,
    description: 'A page of revisions, and the cursor of the next one',
  })
  @ApiNotFoundResponse(NO_STORE)
  revisions(@Param('id') id: string, @Query() query: ListVersionsDto): Promise<RevisionListView> {
    return this.mappings.revisions(id, query);
  }

  @Get('revisions/:revision')
  @ApiOperation({ summary: 'Look at a revision of a mapping' })
  @ApiParam(STORE)
  @ApiParam(REVISION)
  @ApiOkResponse({ type: RevisionView, description: 'What it says, and from when on' })
  @ApiNotFoundResponse(NO_REVISION)
  revision(@Param('id') id: string, @Param('revision') revision: string): Promise<RevisionView> {
    return this.mappings.revision(id, revision);
  }

  @Delete('revisions/:revision')
  @ApiOperation({
    summary: 'Withdraw a revision that is planned',
    description:
      'It never holds, and stays in the list of revisions with `withdrawn_at`; its number is not used again. Only the last revision can be withdrawn, and only as long as its effective_from lies ahead.',
  })
  @ApiParam(STORE)
  @ApiParam(REVISION)
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: MappingView, description: 'The mapping that is in force now' })
  @ApiNotFoundResponse(NO_REVISION)
  @ApiConflictResponse({ description: 'It is effective already, or another one is planned behind it' })
  @ApiPreconditionFailedResponse(CHANGED)
  async withdraw(
    @Param('id') id: string,
    @Param('revision') revision: string,
    @IfMatch() ifMatch: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MappingView> {
    return withTag(response, await this.mappings.withdraw(id, revision, ifMatch));
  }

  @Post('rollback')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({
    summary: 'Take up an earlier revision again',
    description: 'Adds a revision that is equal to it.',
  })
  @ApiParam(STORE)
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: MappingView, description: 'The mapping that is in force now' })
  @ApiNotFoundResponse(NO_REVISION)
  @ApiBadRequestResponse(TOO_LATE)
  @ApiConflictResponse({ description: `${TOO_EARLY.description}; or the revision was withdrawn` })
  @ApiPreconditionFailedResponse(CHANGED)
  async rollback(
    @Param('id') id: string,
    @Body() request: RollbackDto,
    @IfMatch() ifMatch: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MappingView> {
    return withTag(response, await this.mappings.rollback(id, request, ifMatch));
  }
}
