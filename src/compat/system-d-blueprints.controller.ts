import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { RetryAfter } from '../platform/http/retry-after.js';
import { SystemDBlueprints } from './system-d-blueprints.js';
import { AppliedBlueprintDView, EarlierBlueprintView } from './system-d-blueprints.view.js';

const ID = { name: 'id', description: '`id` of the blueprint' };
const BAD = { description: 'Something in it is bad; `errors` says what' };
const NONE = { description: 'There is no such blueprint, or it was removed' };
const TAKEN = { description: 'Another blueprint has the name' };
const BLUEPRINT = {
  schema: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      description: { type: 'string' },
      mapping_data: { type: 'object', additionalProperties: true },
      is_active: { type: 'boolean' },
    },
    example: {
      name: 'Ground floor',
      description: 'With the new queue',
      mapping_data: { stores: {}, cameras: {}, calibration: {} },
      is_active: true,
    },
  },
} as const;
const STORE = {
  type: 'string',
  description: 'Id, name or alias; left out, the mapping of the store `default` is meant',
} as const;

/** System D: layouts under names, and what holds for a store. */
@ApiTags('earlier client D')
@Controller('api/blueprints')
@UseInterceptors(RetryAfter)
export class SystemDBlueprintsController {
  constructor(private readonly blueprints: SystemDBlueprints) {}

  @Get()
  @ApiOperation({ summary: 'List all blueprints' })
  @ApiOkResponse({ type: [EarlierBlueprintView], description: 'The newest first, at most 1,000' })
  list(): Promise<EarlierBlueprintView[]> {
    return this.blueprints.list();
  }

  @Post()
  @ApiOperation({ summary: 'Create a blueprint' })
  @ApiBody(BLUEPRINT)
  @ApiCreatedResponse({ type: EarlierBlueprintView, description: 'The blueprint' })
  @ApiBadRequestResponse(BAD)
  @ApiConflictResponse(TAKEN)
  create(@Body() body: unknown): Promise<EarlierBlueprintView> {
    return this.blueprints.create(body);
  }

  // Before the routes with an id, which it would be taken for.
  @Post('create-from-current')
  @ApiOperation({ summary: 'Create a blueprint of the mapping that is in force' })
  @ApiBody({
    required: false,
    schema: {
      type: 'object',
      properties: {
        name: { type: 'string', description: 'Left out, one is made of the store and the time' },
        description: { type: 'string' },
        store: STORE,
      },
    },
  })
  @ApiCreatedResponse({ type: EarlierBlueprintView, description: 'The blueprint' })
  @ApiBadRequestResponse(BAD)
  @ApiNotFoundResponse({ description: 'There is no such store' })
  @ApiConflictResponse({ description: 'No mapping is in force, or another blueprint has the name' })
  createFromCurrent(@Body() body: unknown): Promise<EarlierBlueprintView> {
    return this.blueprints.createFromCurrent(body);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Look at a blueprint' })
  @ApiParam(ID)
  @ApiOkResponse({ type: EarlierBlueprintView, description: 'The blueprint' })
  @ApiNotFoundResponse(NONE)
  one(@Param('id') id: string): Promise<EarlierBlueprintView> {
    return this.blueprints.one(id);
  }

  @Put(':id')
  @ApiOperation({ summary: 'Change a blueprint', description: 'What is left out stays as it is.' })
  @ApiParam(ID)
  @ApiBody(BLUEPRINT)
  @ApiOkResponse({ type: EarlierBlueprintView, description: 'The blueprint as it is now' })
  @ApiBadRequestResponse(BAD)
  @ApiNotFoundResponse(NONE)
  @ApiConflictResponse(TAKEN)
  change(@Param('id') id: string, @Body() body: unknown): Promise<EarlierBlueprintView> {
    return this.blueprints.change(id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a blueprint', description: 'Mappings that were made of it stay.' })
  @ApiParam(ID)
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiNotFoundResponse(NONE)
  remove(@Param('id') id: string): Promise<void> {
    return this.blueprints.remove(id);
  }

  @Post(':id/apply')
  @HttpCode(200)
  @ApiOperation({ summary: 'Apply a blueprint to the mapping of a store' })
  @ApiParam(ID)
  @ApiBody({ required: false, schema: { type: 'object', properties: { store: STORE } } })
  @ApiOkResponse({ type: AppliedBlueprintDView, description: 'It holds from now on' })
  @ApiBadRequestResponse(BAD)
  @ApiNotFoundResponse({ description: 'There is no such blueprint, or no such store' })
  @ApiConflictResponse({ description: 'The blueprint is not active' })
  apply(@Param('id') id: string, @Body() body: unknown): Promise<AppliedBlueprintDView> {
    return this.blueprints.apply(id, body);
  }
}
