import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiPreconditionFailedResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { IF_MATCH, IfMatch, withTag } from '../platform/http/entity-tag.js';
import { Idempotent } from '../platform/http/idempotency.js';
import { BlueprintBody, ChangeBlueprintBody } from './blueprint-body.view.js';
import { FromMappingDto, ListBlueprintsDto, ListVersionsDto } from './blueprint.dto.js';
import {
  BlueprintListView,
  BlueprintVersionListView,
  BlueprintVersionView,
  BlueprintView,
  presentBlueprint,
  presentVersion,
} from './blueprint.view.js';
import type { KeptBlueprint } from './blueprints.reader.js';
import { BlueprintsService, tagOf } from './blueprints.service.js';

const ID = { name: 'id', description: '`id` of the blueprint, as making it gave' } as const;
const NONE = { description: 'There is no such blueprint' } as const;
const BAD = {
  description: 'A zone, a line, a camera or another member is none; `errors` names every one',
} as const;
const TAKEN = { description: 'Another blueprint has the name, or it is archived' } as const;
const CHANGED = { description: 'It was changed since it was read; nothing was done' } as const;

@ApiTags('blueprints')
@Controller('api/v1/blueprints')
export class BlueprintsController {
  constructor(private readonly blueprints: BlueprintsService) {}

  @Get()
  @ApiOperation({ summary: 'List blueprints, newest first', description: 'Without their layouts.' })
  @ApiOkResponse({
    type: BlueprintListView,
    description: 'A page of blueprints, and the cursor of the next one',
  })
  list(@Query() query: ListBlueprintsDto): Promise<BlueprintListView> {
    return this.blueprints.list(query);
  }

  @Post()
  @Idempotent()
  @ApiOperation({
    summary: 'Keep a layout under a name',
    description:
      'Zones, lines and cameras, or a layout of the earlier system under `mapping_data`. Members that are not known are kept under `data`.',
  })
  @ApiBody({ type: BlueprintBody })
  @ApiCreatedResponse({ type: BlueprintView, description: 'The blueprint; `Location` says where it is' })
  @ApiBadRequestResponse(BAD)
  @ApiConflictResponse(TAKEN)
  async create(@Body() body: object, @Res({ passthrough: true }) response: Response): Promise<BlueprintView> {
    return made(response, await this.blueprints.create(body));
  }

  @Post('from-mapping')
  @Idempotent()
  @ApiOperation({
    summary: 'Make a blueprint of the mapping that is in force for a store',
    description: 'With what was changed there by hand.',
  })
  @ApiCreatedResponse({ type: BlueprintView, description: 'The blueprint; `Location` says where it is' })
  @ApiNotFoundResponse({ description: 'There is no such store' })
  @ApiConflictResponse({ description: 'No mapping is in force there, or another blueprint has the name' })
  async fromMapping(
    @Body() request: FromMappingDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BlueprintView> {
    return made(response, await this.blueprints.createFromMapping(request));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Look at a blueprint' })
  @ApiParam(ID)
  @ApiOkResponse({
    type: BlueprintView,
    description: 'Its newest version; the `ETag` goes into `If-Match` of an edit',
  })
  @ApiNotFoundResponse(NONE)
  async one(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<BlueprintView> {
    return shown(response, await this.blueprints.find(id));
  }

  @Put(':id')
  @ApiOperation({
    summary: 'Make a new version of a blueprint',
    description: 'Members that are left out stay as they are. Where nothing changes there is no new version.',
  })
  @ApiParam(ID)
  @ApiHeader(IF_MATCH)
  @ApiBody({ type: ChangeBlueprintBody })
  @ApiOkResponse({ type: BlueprintView, description: 'The blueprint as it is now' })
  @ApiBadRequestResponse(BAD)
  @ApiNotFoundResponse(NONE)
  @ApiConflictResponse(TAKEN)
  @ApiPreconditionFailedResponse(CHANGED)
  async change(
    @Param('id') id: string,
    @Body() body: object,
    @IfMatch() ifMatch: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BlueprintView> {
    return shown(response, await this.blueprints.change(id, body, ifMatch));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Archive a blueprint',
    description: 'Its versions stay readable, and mappings made of it stay in force.',
  })
  @ApiParam(ID)
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse({ description: 'It is archived' })
  @ApiNotFoundResponse(NONE)
  @ApiPreconditionFailedResponse(CHANGED)
  archive(@Param('id') id: string, @IfMatch() ifMatch: string | null): Promise<void> {
    return this.blueprints.archive(id, ifMatch);
  }

  @Get(':id/versions')
  @ApiOperation({
    summary: 'List the versions of a blueprint, newest first',
    description: 'Without their layouts.',
  })
  @ApiParam(ID)
  @ApiOkResponse({
    type: BlueprintVersionListView,
    description: 'A page of versions, and the cursor of the next one',
  })
  @ApiNotFoundResponse(NONE)
  versions(@Param('id') id: string, @Query() query: ListVersionsDto): Promise<BlueprintVersionListView> {
    return this.blueprints.versions(id, query);
  }

  @Get(':id/versions/:version')
  @ApiOperation({ summary: 'Look at a version of a blueprint' })
  @ApiParam(ID)
  @ApiParam({ name: 'version', description: 'Counted from 1' })
  @ApiOkResponse({ type: BlueprintVersionView, description: 'The blueprint as it was then' })
  @ApiNotFoundResponse({ description: 'There is no such blueprint or version' })
  async version(@Param('id') id: string, @Param('version') version: string): Promise<BlueprintVersionView> {
    return presentVersion(await this.blueprints.version(id, version));
  }
}

function made(response: Response, blueprint: KeptBlueprint): BlueprintView {
  response.set('Location', `/api/v1/blueprints/${blueprint.id}`);
  return shown(response, blueprint);
}

function shown(response: Response, blueprint: KeptBlueprint): BlueprintView {
  return withTag(response, { view: presentBlueprint(blueprint), etag: tagOf(blueprint) });
}
