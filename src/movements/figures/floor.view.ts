import { ApiProperty } from '@nestjs/swagger';
import type { Zone, Line } from '../../blueprints/index.js';
import { formatInstantUs } from '../../platform/instant.js';
import type { FigureRange } from './figure-range.js';
import type { LayoutInRange } from './figures.reader.js';
import type { LineFigures, ZoneFigures } from './zone-tally.js';

/** A layout in force at some time of the range. */
export class RevisionInForceView {
  revision: number;
  from: string;
  /** Null: no other follows. */
  @ApiProperty({ type: String, nullable: true })
  until: string | null;
}

/** Seconds. */
export class DwellView {
  total_seconds: number;
  @ApiProperty({ type: Number, nullable: true })
  mean_seconds: number | null;
  @ApiProperty({ type: Number, nullable: true })
  median_seconds: number | null;
  /** That 95 of a hundred visits do not exceed. */
  @ApiProperty({ type: Number, nullable: true })
  p95_seconds: number | null;
  @ApiProperty({ type: Number, nullable: true })
  max_seconds: number | null;
}

export class OccupancyView {
  /** People at a time, over the whole time. */
  average: number;
  /** The most people in one minute. */
  peak: number;
  /** The first such minute; null: there was nobody. */
  @ApiProperty({ type: String, nullable: true })
  peak_at: string | null;
  /** Minutes with more people than the zone's capacity. */
  capacity_exceeded_minutes: number;
}

export class ZoneStepView {
  start: string;
  /** That begin in it. */
  visits: number;
  people: number;
  dwell_seconds: number;
  /** The most people in a minute of UTC that lies in it, whole or in part. */
  occupancy_peak: number;
}

export class ZoneMetricsView {
  key: string;
  name: string;
  kind: string;
  @ApiProperty({ type: Number, nullable: true })
  capacity: number | null;
  /** False: the newest of the layouts does not hold it any more. */
  in_force: boolean;
  visits: number;
  /** Different people. */
  people: number;
  dwell: DwellView;
  occupancy: OccupancyView;
  /** Steps without anybody are left out. Only when an interval was asked for. */
  series?: ZoneStepView[];
}

export class LineStepView {
  start: string;
  entries: number;
  exits: number;
}

export class LineMetricsView {
  key: string;
  name: string;
  in_force: boolean;
  entries: number;
  exits: number;
  series?: LineStepView[];
}

/** What a figure is of. */
export class FloorSubjectView {
  store_id: string;
  time_zone: string;
  from: string;
  /** Excluded. */
  to: string;
  /** False: events have been stored that the figures do not hold yet. Ask again in some seconds. */
  up_to_date: boolean;
  /** The layouts in force in this time, in order; figures of each instant are by that in force at it. */
  revisions: RevisionInForceView[];
}

/** What people did in the zones and on the lines of a store. */
export class FloorMetricsView extends FloorSubjectView {
  /** Of all cameras; a person seen by two at once has two. */
  sessions: number;
  /** Different people. */
  people: number;
  zones: ZoneMetricsView[];
  lines: LineMetricsView[];
}

/** Where people were on a store's plan. */
export class HeatmapView extends FloorSubjectView {
  columns: number;
  rows: number;
  /**
   * Seconds that people spent in each cell, row by row from the upper edge of the plan; null where fewer than
   * `fewest_people` were.
   */
  @ApiProperty({ type: 'array', items: { type: 'array', items: { type: 'number', nullable: true } } })
  cells: (number | null)[][];
  /** Cells that say nothing because too few people were in them. */
  suppressed_cells: number;
  fewest_people: number;
  /** Different people on the plan; null where they are fewer than that. */
  @ApiProperty({ type: Number, nullable: true })
  people: number | null;
}

export function subjectView(
  storeId: string,
  timeZone: string,
  { fromUs, toUs }: FigureRange,
  layouts: readonly LayoutInRange[],
  isUpToDate: boolean,
): FloorSubjectView {
  return {
    store_id: storeId,
    time_zone: timeZone,
    from: formatInstantUs(fromUs),
    to: formatInstantUs(toUs),
    up_to_date: isUpToDate,
    revisions: layouts.map((layout) => ({
      revision: layout.revision,
      from: formatInstantUs(layout.fromUs),
      until: layout.untilUs === Infinity ? null : formatInstantUs(layout.untilUs),
    })),
  };
}

export function zoneMetricsView(zone: Zone, isInForce: boolean, figures: ZoneFigures): ZoneMetricsView {
  const { dwell, series } = figures;
  return {
    key: zone.key,
    name: zone.name,
    kind: zone.kind,
    capacity: zone.capacity,
    in_force: isInForce,
    visits: figures.visits,
    people: figures.people,
    dwell: {
      total_seconds: seconds(dwell.totalUs),
      mean_seconds: secondsOrNull(dwell.meanUs),
      median_seconds: secondsOrNull(dwell.medianUs),
      p95_seconds: secondsOrNull(dwell.p95Us),
      max_seconds: secondsOrNull(dwell.maxUs),
    },
    occupancy: {
      average: Math.round(figures.average * 10_000) / 10_000,
      peak: figures.peak,
      peak_at: figures.peakAtUs === null ? null : formatInstantUs(figures.peakAtUs),
      capacity_exceeded_minutes: figures.minutesOverCapacity,
    },
    ...(series && {
      series: series.map((step) => ({
        start: formatInstantUs(step.startUs),
        visits: step.visits,
        people: step.people,
        dwell_seconds: seconds(step.dwellUs),
        occupancy_peak: step.peak,
      })),
    }),
  };
}

export function lineMetricsView(line: Line, isInForce: boolean, figures: LineFigures): LineMetricsView {
  return {
    key: line.key,
    name: line.name,
    in_force: isInForce,
    entries: figures.entries,
    exits: figures.exits,
    ...(figures.series && {
      series: figures.series.map(({ startUs, entries, exits }) => ({
        start: formatInstantUs(startUs),
        entries,
        exits,
      })),
    }),
  };
}

/** To the microsecond, as it is known. */
export function seconds(us: number): number {
  return Math.round(us) / 1_000_000;
}

function secondsOrNull(us: number | null): number | null {
  return us === null ? null : seconds(us);
}
