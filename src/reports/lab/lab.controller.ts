import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { Idempotent } from '../../platform/http/idempotency.js';
import { PageDto } from '../../platform/http/page.dto.js';
import { PreferredWait } from '../../platform/http/prefer-wait.js';
import { RequestLabDto } from './lab.dto.js';
import { LabListView, LabView } from './lab.view.js';
import { LabsService } from './labs.service.js';

const ID = { name: 'id', description: '`id` of the comparison, as requesting it gave' } as const;

/** What Swagger UI fills in: the first as it is compares what days without a poll count as. */
const EXAMPLES = {
  unobserved: {
    summary: 'What days without a poll count as, by the other usual rules',
    value: { sets: [{ unobserved: 'down' }, { unobserved: 'up' }, { unobserved: 'exclude' }] },
  },
  estimator: {
    summary: 'How polls become status between them',
    value: {
      sets: [
        { name: 'until the next poll', estimator: 'step' },
        { name: 'the nearest poll', estimator: 'nearest' },
      ],
    },
  },
};

@ApiTags('policy lab')
@Controller('api/v1/reports/lab')
export class LabController {
  constructor(private readonly labs: LabsService) {}

  @Post()
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Compare option sets',
    description:
      'What reports under several sets of options would say of the same data, side by side. Waits for the imports that were accepted before it.',
  })
  @ApiBody({ type: RequestLabDto, examples: EXAMPLES })
  @ApiAcceptedResponse({ type: LabView, description: 'It is accepted; `links.self` follows it' })
  @ApiBadRequestResponse({
    description: 'A member has a value that is not allowed, or two sets are the same; `errors` says which',
  })
  async request(
    @Body() request: RequestLabDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LabView> {
    const lab = await this.labs.request(request);
    response.set({ Location: lab.links.self, 'Retry-After': '1' });
    return lab;
  }

  @Get()
  @ApiOperation({ summary: 'List comparisons, newest first', description: 'Without their results.' })
  @ApiOkResponse({ type: LabListView, description: 'A page of comparisons, and the cursor of the next one' })
  list(@Query() query: PageDto): Promise<LabListView> {
    return this.labs.list(query.limit, query.cursor);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Follow a comparison, and read its result' })
  @ApiParam(ID)
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`wait=20` answers when it has ended, or after 20 seconds',
  })
  @ApiOkResponse({ type: LabView, description: 'The comparison as it stands' })
  @ApiNotFoundResponse({ description: 'There is no such comparison' })
  one(@Param('id') id: string, @PreferredWait() waitSeconds: number): Promise<LabView> {
    return this.labs.findEnded(id, waitSeconds);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({ summary: 'Cancel a comparison' })
  @ApiParam(ID)
  @ApiAcceptedResponse({ type: LabView, description: 'The comparison is cancelled' })
  @ApiConflictResponse({ description: 'The comparison has ended already' })
  @ApiNotFoundResponse({ description: 'There is no such comparison' })
  cancel(@Param('id') id: string): Promise<LabView> {
    return this.labs.cancel(id);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove a comparison',
    description: 'Where reports expire, comparisons are removed as long after their end.',
  })
  @ApiParam(ID)
  @ApiNoContentResponse({ description: 'The comparison is gone' })
  @ApiNotFoundResponse({ description: 'There is no such comparison' })
  @ApiConflictResponse({ description: 'The comparison has not ended: cancel it first' })
  remove(@Param('id') id: string): Promise<void> {
    return this.labs.remove(id);
  }
}
