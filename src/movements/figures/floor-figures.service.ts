import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import type { Line, MappingContent, Zone } from '../../blueprints/index.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction, ONE_SNAPSHOT } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { entityTag } from '../../platform/http/entity-tag.js';
import { DAY_US } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { invalid } from '../../stores/invalid.js';
import { type StoreState, todayOf } from '../../stores/store-state.js';
import { readNamedStore } from '../named-store.reader.js';
import { FloorDigest } from '../digest/floor-digest.js';
import { MINUTE_US, QUARTER_US } from '../meaning/pieces.js';
import { addEarlierCrossings } from './earlier-crossings.js';
import { figureRange, type FigureRange } from './figure-range.js';
import {
  countSessions,
  type LayoutInRange,
  quartersIn,
  readCrossings,
  readHeat,
  readLayoutsIn,
  readVisits,
} from './figures.reader.js';
import type { FloorRangeDto, HeatmapQueryDto, ZoneMetricsQueryDto } from './floor.dto.js';
import {
  type FloorMetricsView,
  type HeatmapView,
  lineMetricsView,
  seconds,
  subjectView,
  zoneMetricsView,
} from './floor.view.js';
import { FEWEST_PEOPLE, HeatTally } from './heat-tally.js';
import { lineFigures, zoneFigures } from './zone-tally.js';

const STEPS_US = { minute: MINUTE_US, hour: 60 * MINUTE_US } as const;
/** A local date has at most so many hours, where the clocks are set back. */
const LONGEST_BY_MINUTE_US = DAY_US + 3 * 60 * MINUTE_US;

/** A view with the tag of it. */
export interface Tagged<T> {
  view: T;
  etag: string;
}

/** What is in every question for figures. */
interface Asked {
  client: pg.PoolClient;
  store: StoreState;
  range: FigureRange;
  layouts: readonly LayoutInRange[];
  isUpToDate: boolean;
  timeZone: string;
}

/** Answers what people did on the floor of a store. What waits to be worked out for it is worked out first. */
@Injectable()
export class FloorFiguresService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly digest: FloorDigest,
  ) {}

  /**
   * @param id or a name or alias
   * @throws Problem 404 when there is no such store or no layout has the zone, 409 when several stores have the name,
   *   400 when the time asked for is none.
   */
  metrics(id: string, query: ZoneMetricsQueryDto): Promise<Tagged<FloorMetricsView>> {
    return this.ask(
      id,
      query,
      (range) => range,
      async (asked) => {
        const stepUs = stepOf(query, asked.range);
        const { client, store, range, layouts } = asked;
        const zones = elementsOf(layouts, ({ zones: its }) => its).filter(
          ({ element }) => query.zone === undefined || element.key === query.zone,
        );
        if (query.zone !== undefined && zones.length === 0) throw noZone(query.zone);
        const visits = await readVisits(client, store.key, range);
        const timeoutUs = this.environment.trackTimeoutMs * 1_000;
        const crossings = await readCrossings(client, store.key, range);
        await addEarlierCrossings(client, store.key, crossings, { fromUs: range.fromUs, timeoutUs });
        return {
          ...(await countSessions(client, store.key, range)),
          zones: zones.map(({ element, isInForce }) => {
            const stays = visits.get(element.key)?.values() ?? [];
            const capacityAt = capacityOf(element.key, layouts);
            return zoneMetricsView(element, isInForce, zoneFigures(stays, range, capacityAt, stepUs));
          }),
          lines: elementsOf(layouts, ({ lines }) => lines).map(({ element, isInForce }) => {
            const its = crossings.get(element.key)?.values() ?? [];
            return lineMetricsView(element, isInForce, lineFigures(its, range, stepUs, timeoutUs));
          }),
        };
      },
    );
  }

  /** Of whole quarters of an hour. @throws as `metrics` */
  heatmap(id: string, query: HeatmapQueryDto): Promise<Tagged<HeatmapView>> {
    return this.ask(id, query, wholeQuarters, async ({ client, store, range }) => {
      const tally = new HeatTally(query.columns, query.rows);
      for await (const { userId, cells } of readHeat(client, store.key, range)) tally.add(userId, cells);
      const { cells, suppressed, people } = tally.end();
      return {
        columns: query.columns,
        rows: query.rows,
        cells: cells.map((row) => row.map((us) => (us === null ? null : seconds(us)))),
        suppressed_cells: suppressed,
        fewest_people: FEWEST_PEOPLE,
        people: people > 0 && people < FEWEST_PEOPLE ? null : people,
      };
    });
  }

  private async ask<T>(
    id: string,
    query: FloorRangeDto,
    widened: (range: FigureRange) => FigureRange,
    answer: (asked: Asked) => Promise<T>,
  ): Promise<Tagged<ReturnType<typeof subjectView> & T>> {
    const { defaultZone } = this.environment;
    const store = await inTransaction(this.dataSource, (client) => readNamedStore(client, id));
    const nowUs = this.clock.nowUs();
    const range = widened(figureRange(query, store, defaultZone, nowUs));
    const isUpToDate = await this.digest.freshen(store.key);
    return inTransaction(
      this.dataSource,
      async (client) => {
        const layouts = await readLayoutsIn(client, store.key, range);
        const timeZone = todayOf(store, defaultZone, range.fromUs).zone;
        const figures = await answer({ client, store, range, layouts, isUpToDate, timeZone });
        const view = { ...subjectView(store.id, timeZone, range, layouts, isUpToDate), ...figures };
        return { view, etag: entityTag(view) };
      },
      ONE_SNAPSHOT,
    );
  }
}

function wholeQuarters(range: FigureRange): FigureRange {
  const { from, to } = quartersIn(range);
  return { fromUs: from * QUARTER_US, toUs: to * QUARTER_US };
}

/** @throws Problem 400 */
function stepOf({ interval }: ZoneMetricsQueryDto, { fromUs, toUs }: FigureRange): number | null {
  if (interval === undefined) return null;
  if (interval === 'minute' && toUs - fromUs > LONGEST_BY_MINUTE_US) {
    const detail =
      'interval=minute is for at most one day. Ask for a part of the time, or for interval=hour.';
    throw invalid('/interval', detail);
  }
  return STEPS_US[interval];
}

/** The zones or lines that were enabled at some time of the range, as the newest layout that holds them has them. */
function elementsOf<T extends Zone | Line>(
  layouts: readonly LayoutInRange[],
  of: (content: MappingContent) => readonly T[],
): { element: T; isInForce: boolean }[] {
  const found = new Map<string, { element: T; isInForce: boolean }>();
  for (const [index, { content }] of layouts.entries())
    for (const element of of(content))
      if (element.enabled) found.set(element.key, { element, isInForce: index === layouts.length - 1 });
  return [...found.values()];
}

function capacityOf(key: string, layouts: readonly LayoutInRange[]): (instantUs: number) => number | null {
  const capacities = layouts.map(({ fromUs, content }) => ({
    fromUs,
    capacity: content.zones.find((zone) => zone.key === key)?.capacity ?? null,
  }));
  return (instantUs) => capacities.findLast(({ fromUs }) => fromUs <= instantUs)?.capacity ?? null;
}

function noZone(key: string): Problem {
  return new Problem(
    404,
    'zone_not_found',
    `No layout of this time has an enabled zone '${key}'. GET without zone lists all of them.`,
  );
}
