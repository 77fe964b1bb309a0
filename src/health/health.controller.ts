import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { HealthService } from './health.service.js';
import { Health, StatusView } from './health.view.js';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('api/v1/health')
  @ApiOperation({ summary: 'How every part is doing' })
  @ApiOkResponse({ type: Health, description: 'Everything that is needed works' })
  @ApiServiceUnavailableResponse({ type: Health, description: 'A part that nothing works without is down' })
  async all(@Res({ passthrough: true }) response: Response): Promise<Health> {
    const health = await this.health.check();
    response.status(health.status === 'down' ? 503 : 200);
    return health;
  }

  @Get('livez')
  @ApiOperation({ summary: 'Whether the process runs' })
  @ApiOkResponse({ type: StatusView, description: 'It does' })
  alive(): StatusView {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Whether requests can be served' })
  @ApiOkResponse({ type: StatusView, description: 'They can' })
  @ApiServiceUnavailableResponse({
    type: StatusView,
    description: 'A part that nothing works without is down',
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<StatusView> {
    const { status } = await this.health.check();
    response.status(status === 'down' ? 503 : 200);
    return { status };
  }
}
