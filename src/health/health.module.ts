import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { MovementsModule } from '../movements/index.js';
import { MovementsHealthService } from './movements-health.service.js';

@Module({
  imports: [MovementsModule],
  controllers: [HealthController],
  providers: [HealthService, MovementsHealthService],
})
export class HealthModule {}
