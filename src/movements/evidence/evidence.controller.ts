import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
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
    description: 'Id, name or alias of the store, percent-encoded',
  })
  @ApiOkResponse({
    type: StoreEvidenceView,
    description: 'Verdicts in order of time, and how long each holds',
  })
  @ApiBadRequestResponse({
    description: 'from or to is no instant, or the time between them is none or too long',
  })
  @ApiConflictResponse({ description: 'Several stores have the name' })
  @ApiNotFoundResponse({ description: 'There is no such store' })
  evidence(@Param('id') id: string, @Query() query: EvidenceQueryDto): Promise<StoreEvidenceView> {
    return this.service.evidence(id, query);
  }
}
