import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { type Interval, timelineOfDates } from '../../availability/index.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction, ONE_SNAPSHOT } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { DAY_US, parseInstantUs } from '../../platform/instant.js';
import { countFactChanges } from '../fact-versions.js';
import { readOneStore } from '../one-store.js';
import { CollectorOutagesReader } from '../quality/collector-outages.reader.js';
import { StoreFactsReader } from '../store-facts.reader.js';
import { todayOf } from '../store-state.js';
import { readStore } from '../store-state.reader.js';
import { zoneSourceOf } from '../store.view.js';
import type { TimelineQueryDto } from './timeline.dto.js';
import { type TimelineView, timelineView } from './timeline.view.js';

/** The longest that a number of local dates lasts beside as many times 24 hours. */
const MORE_THAN_A_DAY_US = 2 * DAY_US;

const OUTAGES_KEPT_MS = 5_000;

/** Lays out a store's last days. */
@Injectable()
export class TimelineService {
  private outages: { asked: string; found: readonly Interval[]; until: number } | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly facts: StoreFactsReader,
    private readonly collector: CollectorOutagesReader,
  ) {}

  /**
   * Without an as-of that of rule 7 holds, and while there is no poll at all, the clock's.
   * @throws Problem 404 when no store has the id.
   */
  async timeline(id: string, query: TimelineQueryDto): Promise<TimelineView> {
    const { defaultZone, defaultPolicy } = this.environment;
    const { days } = query;
    const policy = {
      estimator: query.estimator ?? defaultPolicy.estimator,
      unobserved: query.unobserved ?? defaultPolicy.unobserved,
    };
    return inTransaction(
      this.dataSource,
      async (client) => {
        const store = await readStore(client, id);
        const nowUs = this.clock.nowUs();
        const asOfUs =
          query.as_of === undefined
            ? ((await this.facts.newestPollUs(client, nowUs)) ?? nowUs)
            : parseInstantUs(query.as_of)!;
        const record = await readOneStore(client, store, { asOfUs, defaultZone, days });
        const outages = await this.outagesKnownAt(client, asOfUs, days);
        const today = todayOf(store, defaultZone, asOfUs);
        return timelineView(
          {
            store_id: store.id,
            name: store.name,
            zone: today.zone,
            zone_source: zoneSourceOf(store, today),
            assumed_hours: record.assumedHours,
            ...policy,
          },
          timelineOfDates(record.facts, asOfUs, policy, days),
          outages,
        );
      },
      ONE_SNAPSHOT,
    );
  }

  /**
   * To find them takes the counts of two months. Who looks at one store after the other asks for the same ones, and
   * polls that have come in the meantime are counted only now and then anyway.
   */
  private async outagesKnownAt(
    client: pg.PoolClient,
    asOfUs: number,
    days: number,
  ): Promise<readonly Interval[]> {
    const asked = `${asOfUs} ${days} ${await countFactChanges(client)}`;
    if (this.outages?.asked !== asked || performance.now() > this.outages.until) {
      const fromUs = asOfUs - days * DAY_US - MORE_THAN_A_DAY_US;
      const found = await this.collector.knownAt(client, fromUs, asOfUs);
      this.outages = { asked, found, until: performance.now() + OUTAGES_KEPT_MS };
    }
    return this.outages.found;
  }
}
