import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
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
import { PreferredWait } from '../../platform/http/prefer-wait.js';
import { ApplyBlueprintDto, RolloutQueryDto } from '../blueprint.dto.js';
import { RolloutsService } from '../rollouts/rollouts.service.js';
import { RolloutView } from '../rollouts/rollout.view.js';
import { ApplyService } from './apply.service.js';
import { ApplyView } from './apply.view.js';

const ID = { name: 'id', description: '`id` of the blueprint, as making it gave' } as const;

/** Takes blueprints to stores. */
@ApiTags('blueprints')
@Controller('api/v1/blueprints')
export class ApplyController {
  constructor(
    private readonly applies: ApplyService,
    private readonly rollouts: RolloutsService,
  ) {}

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
