import { Controller, Get, Param } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiGoneResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ExplainService } from './explain.service.js';
import { ExplanationView } from './explanation.view.js';

@ApiTags('reports')
@Controller('api/v1/reports/:id/stores')
export class ExplainController {
  constructor(private readonly explanations: ExplainService) {}

  @Get(':store_id')
  @ApiOperation({
    summary: 'Why the numbers of a store are what they are',
    description:
      'The open intervals, segments, polls and rules that add up to its row, worked out again from the facts as they are now; `matches_report` says whether the row is the same.',
  })
  @ApiParam({ name: 'id', description: '`id` of the report, as triggering it gave' })
  @ApiParam({
    name: 'store_id',
    description: '`store_id`, percent-encoded where it holds other than letters and digits',
  })
  @ApiOkResponse({ type: ExplanationView, description: 'The pieces, and what was ignored' })
  @ApiNotFoundResponse({
    description: 'There is no such report, or it has no row for the store; `detail` says why',
  })
  @ApiConflictResponse({
    description: 'The report is not ready or has failed, or the data was cleared since',
  })
  @ApiGoneResponse({ description: 'The report has expired' })
  explain(@Param('id') id: string, @Param('store_id') storeId: string): Promise<ExplanationView> {
    return this.explanations.explain(id, storeId);
  }
}
