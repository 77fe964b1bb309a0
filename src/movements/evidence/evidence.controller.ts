import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { EvidenceQueryDto } from './evidence.dto.js';
import { EvidenceService } from './evidence.service.js';
import { StoreEvidenceView } from './evidence.view.js';

@ApiTags('stores')
@Controller('api/v1/stores/:id/evidence')
export class EvidenceController {
  constructor(private readonly service: EvidenceService) {}

  @Get()
  @ApiOperation({
    summary: "Look at what a store's hours, polls and cameras say together",
    description:
      'By pieces of 15 minutes, those with the same verdict in one. It changes no uptime and no downtime.',
  })
  @ApiParam({
    name: 'id',
    description: '`store_id`, percent-encoded where it holds other than letters and digits',
  })
  @ApiOkResponse({
    type: StoreEvidenceView,
    description: 'Verdicts in order of time, and how long each holds',
  })
  @ApiBadRequestResponse({
    description: 'from or to is no instant, or the time between them is none or too long',
  })
  @ApiNotFoundResponse({ description: 'There is no such store' })
  evidence(@Param('id') id: string, @Query() query: EvidenceQueryDto): Promise<StoreEvidenceView> {
    return this.service.evidence(id, query);
  }
}
