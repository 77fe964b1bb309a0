import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
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
import { PreferredWait } from '../platform/http/prefer-wait.js';
import { ApplyService } from './applying/apply.service.js';
import { ApplyView } from './applying/apply.view.js';
import { BlueprintBody, ChangeBlueprintBody } from './blueprint-body.view.js';
import {
  ApplyBlueprintDto,
  FromMappingDto,
  ListBlueprintsDto,
  ListVersionsDto,
  RolloutQueryDto,
} from './blueprint.dto.js';
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
import { RolloutsService } from './rollouts/rollouts.service.js';
import { RolloutView } from './rollouts/rollout.view.js';

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
  constructor(
    private readonly blueprints: BlueprintsService,
    private readonly applies: ApplyService,
    private readonly rollouts: RolloutsService,
  ) {}

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

  @Post(':id/apply')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({
    summary: 'Apply a blueprint to one store or to many',
    description:
      'What was changed in a mapping by hand stays; where the blueprint was changed too, both sides are told.',
  })
  @ApiParam(ID)
  @ApiHeader({
    ...IF_MATCH,
    description: 'The `ETag` of the mapping of the one store; 412 when that was changed in the meantime',
  })
  @ApiOkResponse({ type: ApplyView, description: 'One store: what was added, updated, removed and kept' })
  @ApiAcceptedResponse({
    type: RolloutView,
    description: 'Many stores: it is under way; `links.self` follows it',
  })
  @ApiBadRequestResponse({ description: 'A member has a value that is not allowed; `errors` says which' })
  @ApiNotFoundResponse({ description: 'There is no such blueprint, version or store' })
  @ApiConflictResponse({
    description: 'The blueprint is not active, or both sides were changed; `conflicts` lists where',
  })
  @ApiPreconditionFailedResponse({
    description: 'The mapping was changed since it was read; nothing was done',
  })
  async apply(
    @Param('id') id: string,
    @Body() request: ApplyBlueprintDto,
    @IfMatch() ifMatch: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ApplyView | RolloutView> {
    const answer = await this.applies.apply(id, request, ifMatch);
    if ('applied' in answer) return withTag(response, answer.applied);
    response.status(202).set({ Location: answer.rollout.links.self, 'Retry-After': '1' });
    return answer.rollout;
  }

  @Get(':id/rollouts/:rollout')
  @ApiOperation({
    summary: 'Follow a blueprint to its stores',
    description: 'A result for each store; `status=failed` lists those that were left as they were.',
  })
  @ApiParam(ID)
  @ApiParam({ name: 'rollout', description: '`id` of the rollout, as applying gave' })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`wait=20` answers when it has ended, or after 20 seconds',
  })
  @ApiOkResponse({ type: RolloutView, description: 'How far it is, and a page of its stores' })
  @ApiNotFoundResponse({ description: 'There is no such rollout' })
  rollout(
    @Param('id') id: string,
    @Param('rollout') rollout: string,
    @Query() query: RolloutQueryDto,
    @PreferredWait() waitSeconds: number,
  ): Promise<RolloutView> {
    return this.rollouts.findEnded(id, rollout, query, waitSeconds);
  }
}

function made(response: Response, blueprint: KeptBlueprint): BlueprintView {
  response.set('Location', `/api/v1/blueprints/${blueprint.id}`);
  return shown(response, blueprint);
}

function shown(response: Response, blueprint: KeptBlueprint): BlueprintView {
  return withTag(response, { view: presentBlueprint(blueprint), etag: tagOf(blueprint) });
}
