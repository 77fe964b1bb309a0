import { setImmediate as afterOthers } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { momentOf } from '../../availability/index.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction, ONE_SNAPSHOT, withConnection } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { countFactChanges, eraOfFacts } from '../fact-versions.js';
import { StoreFactsReader, type StoreRecord } from '../store-facts.reader.js';
import { StoreStandings } from './store-standings.js';

/** How many stores are what at an instant. */
export interface StatusCounts {
  up: number;
  down: number;
  unobserved: number;
  closed: number;
  inactive: number;
  unpolled: number;
}

/** What all stores are at an instant. */
export interface StatusSnapshot {
  /** Null: there is no poll that is not after the clock. */
  asOfUs: number | null;
  computedAtUs: number;
  /** As `countFactChanges`. */
  version: number;
  /** As `eraOfFacts`. */
  era: string;
  counts: StatusCounts;
  down: StoreStandings;
  unobserved: StoreStandings;
}

/** The longest that others wait for the process while a million stores are looked at. */
const MOST_AT_A_TIME_MS = 5;
/** Asking what time it is costs a tenth of a store. */
const STORES_BETWEEN_LOOKS = 16;

/** Asks the engine for the state of every store, in one pass over what was polled in the last days. */
@Injectable()
export class StatusReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly facts: StoreFactsReader,
  ) {}

  /** @param atUs null: the newest poll that is not after the clock (rule 7) */
  read(atUs: number | null): Promise<StatusSnapshot> {
    return inTransaction(
      this.dataSource,
      async (client) => {
        const computedAtUs = this.clock.nowUs();
        const version = await countFactChanges(client);
        const era = await eraOfFacts(client);
        const asOfUs = atUs ?? (await this.facts.newestPollUs(client, computedAtUs));
        const unpolled = await this.facts.countUnpolled(client, asOfUs ?? computedAtUs);
        const pass = new Pass(asOfUs ?? computedAtUs, this.environment.defaultPolicy.estimator);
        if (asOfUs !== null) await this.takeAll(client, asOfUs, pass);
        return { asOfUs, computedAtUs, version, era, ...pass.result(unpolled) };
      },
      ONE_SNAPSHOT,
    );
  }

  /** Whether anything can have changed since a snapshot was made. */
  async isUnchanged({ version }: StatusSnapshot): Promise<boolean> {
    return withConnection(this.dataSource, async (client) => (await countFactChanges(client)) === version);
  }

  /** As `eraOfFacts`, of the present. */
  era(): Promise<string> {
    return withConnection(this.dataSource, eraOfFacts);
  }

  private async takeAll(client: pg.PoolClient, asOfUs: number, pass: Pass): Promise<void> {
    const { defaultZone } = this.environment;
    const scope = { asOfUs, defaultZone, includeUnpolled: false, storeIds: null, days: 0 };
    for (const chunk of await this.facts.chunks(client, scope)) {
      for await (const records of this.facts.read(client, chunk, scope)) await pass.take(records);
    }
  }
}

/** Counts stores, and lists those that are down or unobserved. */
class Pass {
  private readonly counts: StatusCounts = {
    up: 0,
    down: 0,
    unobserved: 0,
    closed: 0,
    inactive: 0,
    unpolled: 0,
  };
  private readonly down = new StoreStandings();
  private readonly unobserved = new StoreStandings();
  private begunAt = performance.now();
  private looked = 0;

  constructor(
    private readonly atUs: number,
    private readonly estimator: Parameters<typeof momentOf>[2],
  ) {}

  async take(records: Iterable<StoreRecord>): Promise<void> {
    for (const { storeKey, facts } of records) {
      const moment = momentOf(facts, this.atUs, this.estimator);
      this.counts[moment.state] += 1;
      if (moment.state === 'down') this.down.add(storeKey, moment);
      else if (moment.state === 'unobserved') this.unobserved.add(storeKey, moment);
      this.looked += 1;
      if (this.looked % STORES_BETWEEN_LOOKS === 0) await this.letOthersWork();
    }
  }

  result(unpolled: number): Pick<StatusSnapshot, 'counts' | 'down' | 'unobserved'> {
    this.down.seal();
    this.unobserved.seal();
    return { counts: { ...this.counts, unpolled }, down: this.down, unobserved: this.unobserved };
  }

  private async letOthersWork(): Promise<void> {
    if (performance.now() - this.begunAt < MOST_AT_A_TIME_MS) return;
    await afterOthers();
    this.begunAt = performance.now();
  }
}
