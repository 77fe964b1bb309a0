import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CollectorOutagesReader } from './quality/collector-outages.reader.js';
import { DataQualityReader } from './quality/data-quality.reader.js';
import { DataOverviewReader } from './data-overview.reader.js';
import { HoursWriter } from './calendar/hours.writer.js';
import { PollInbox } from './polls/poll-inbox.js';
import { PollRetention } from './polls/poll-retention.js';
import { PollWriter } from './polls/poll.writer.js';
import { StoreFactsReader } from './store-facts.reader.js';
import { Store } from './store.entity.js';
import { ZoneWriter } from './calendar/zone.writer.js';
import { StoreEdits } from './store-edits.js';
import { StoreExceptionsService } from './calendar/store-exceptions.service.js';
import { StoreHoursService } from './calendar/store-hours.service.js';
import { StoreListReader } from './store-list.reader.js';
import { StoresService } from './stores.service.js';
import { StandingNotes } from './status/standing-notes.js';
import { StatusReader } from './status/status.reader.js';
import { StatusService } from './status/status.service.js';
import { TimelineService } from './timeline/timeline.service.js';
import { ExceptionsWriter } from './calendar/exceptions.writer.js';

/** The facts: stores, hours, zones and polls. The only place where rows become engine input. */
@Module({
  imports: [TypeOrmModule.forFeature([Store])],
  providers: [
    ExceptionsWriter,
    StoresService,
    StoreListReader,
    StoreHoursService,
    StoreExceptionsService,
    StoreEdits,
    PollInbox,
    PollRetention,
    PollWriter,
    HoursWriter,
    ZoneWriter,
    StoreFactsReader,
    DataOverviewReader,
    CollectorOutagesReader,
    DataQualityReader,
    StandingNotes,
    StatusReader,
    StatusService,
    TimelineService,
  ],
  exports: [
    ExceptionsWriter,
    StoresService,
    StoreListReader,
    StoreHoursService,
    StoreExceptionsService,
    PollInbox,
    PollWriter,
    HoursWriter,
    ZoneWriter,
    StoreFactsReader,
    DataOverviewReader,
    CollectorOutagesReader,
    DataQualityReader,
    StandingNotes,
    StatusService,
    TimelineService,
  ],
})
export class StoresModule {}
