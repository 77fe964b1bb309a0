import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataOverviewReader } from './data-overview.reader.js';
import { HoursWriter } from './hours.writer.js';
import { PollWriter } from './poll.writer.js';
import { StoreFactsReader } from './store-facts.reader.js';
import { Store } from './store.entity.js';
import { ZoneWriter } from './zone.writer.js';

/** The facts: stores, hours, zones and polls. The only place where rows become engine input. */
@Module({
  imports: [TypeOrmModule.forFeature([Store])],
  providers: [PollWriter, HoursWriter, ZoneWriter, StoreFactsReader, DataOverviewReader],
  exports: [PollWriter, HoursWriter, ZoneWriter, StoreFactsReader, DataOverviewReader],
})
export class StoresModule {}
