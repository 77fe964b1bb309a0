import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { FINDINGS } from '../../src/movements/index.js';

/** A row of `report_rows` as the database holds it, without its report. */
export type StoredRow = Record<string, number | string | boolean | null> & { store_id: string };
/** A row as the interface has to show it. */
export type ShownRow = Record<string, number | string | boolean | null>;

const WINDOWS = ['hour', 'day', 'week'] as const;
const UNIT_US = { hour: 60_000_000n, day: 3_600_000_000n, week: 3_600_000_000n };
const WINDOW_US = { hour: 3_600_000_000, day: 86_400_000_000, week: 604_800_000_000 };
const ZONES = ['America/Chicago', 'America/New_York', 'Asia/Kolkata', null];

/** Numbers that look random, the same for the same seed. */
export function numbers(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

/**
 * Stores with figures that are made up: many are equal, many differ by less than is shown, some have no open time, and
 * some are unobserved throughout. Ids hold what a pattern or a statement would stumble over.
 */
export function madeUpStores(seed: number, count: number): StoredRow[] {
  const next = numbers(seed);
  const odd = ['%', '_', "'", '"', '\\', 'é', 'Ä', ' x', 'A', 'a', '=1+1', '100%_off'];
  return Array.from({ length: count }, (_, place) => {
    const tail = place < odd.length ? odd[place]! : '';
    const row: StoredRow = {
      store_key: place + 1,
      store_id: `${['s', 'S', ''][place % 3]}${(place * 7919) % 1000}-${place}${tail}`,
      outages: next(4),
      longest_outage_us: next(50) * 36_000_000 + next(3) * 17_999_999,
      assumed_zone: next(5) === 0,
      assumed_hours: next(5) === 0,
      zone: ZONES[next(ZONES.length)]!,
    };
    for (const window of WINDOWS) Object.assign(row, figures(window, next));
    return row;
  });
}

/** The same store under another key, as after a clearing. */
export function underKey(row: StoredRow, key: number): StoredRow {
  return { ...row, store_key: key };
}

function figures(window: (typeof WINDOWS)[number], next: (below: number) => number): object {
  const openUs = next(8) === 0 ? 0 : Math.floor(WINDOW_US[window] / (1 + next(3)));
  const kind = next(6);
  const up = kind === 0 ? 0 : kind === 1 ? openUs : Math.floor(openUs / 20) * next(21) + next(2);
  const uptimeUs = Math.min(up, openUs);
  const unobservedUs = kind === 0 && next(2) === 0 ? openUs : Math.floor((openUs - uptimeUs) / (1 + next(3)));
  const excluded = next(6) === 0 ? Math.floor((openUs - uptimeUs) / 2) : 0;
  const downtimeUs = openUs - uptimeUs - excluded;
  const of = (name: string): string => `${window}_${name}`;
  return {
    [of('open_us')]: openUs,
    [of('uptime_us')]: uptimeUs,
    [of('downtime_us')]: downtimeUs,
    [of('unobserved_us')]: Math.min(unobservedUs, downtimeUs),
    [of('uptime_min_us')]: Math.floor(uptimeUs / 2),
    [of('downtime_min_us')]: Math.floor(downtimeUs / 3),
    [of('polls')]: next(200),
    [of('polls_outside')]: next(20),
    [of('inactive_us')]: next(4) === 0 ? 3_600_000_001 : 0,
  };
}

/** Keeps a finished report with these rows. */
export async function keepReport(
  dataSource: DataSource,
  rows: readonly StoredRow[],
  { unobserved = 'down', status = 'completed' } = {},
): Promise<string> {
  const id = uuidv7();
  await dataSource.query(
    `INSERT INTO reports (report_id, status, windows, unobserved, estimator, default_zone, as_of_us, total, stores, done, completed_at)
     VALUES ($1, $2, 'rolling', $3, 'step', 'America/Chicago', 1674670402479220, $4, $4, $4, now())`,
    [id, status, unobserved, rows.length],
  );
  await dataSource.query(
    'INSERT INTO report_rows SELECT * FROM json_populate_recordset(NULL::report_rows, $1)',
    [JSON.stringify(rows.map((row) => ({ ...row, report_id: id })))],
  );
  return id;
}

/** What the interface has to show of a stored row. */
export function shown(row: StoredRow): ShownRow {
  const us = (name: string): bigint => BigInt(row[name] as number);
  const view: ShownRow = {
    store_id: row.store_id,
    outages: row['outages']!,
    longest_outage: inUnit(us('longest_outage_us'), UNIT_US.week),
    assumed_zone: row['assumed_zone']!,
    assumed_hours: row['assumed_hours']!,
    zone: row['zone']!,
    // None of them has cameras.
    evidence: false,
  };
  for (const finding of FINDINGS) view[`${finding}_last_week`] = null;
  for (const window of WINDOWS) {
    const put = (name: string, value: number | null): void => void (view[`${name}_last_${window}`] = value);
    const of = (name: string): bigint => us(`${window}_${name}`);
    for (const name of ['uptime', 'downtime', 'open', 'unobserved', 'uptime_min', 'inactive'])
      put(name, inUnit(of(`${name}_us`), UNIT_US[window]));
    put('uptime_max', inUnit(of('open_us') - of('downtime_min_us'), UNIT_US[window]));
    put('coverage', ratio(of('uptime_min_us') + of('downtime_min_us'), of('open_us'), 100n));
    const counted = of('uptime_us') + of('downtime_us');
    put('availability', ratio(of('uptime_us') * 100n, counted, 100n));
    put('polls', Number(of('polls')));
    put('polls_outside_hours', Number(of('polls_outside')));
  }
  return view;
}

/** Two decimals, half up. */
export function inUnit(us: bigint, unitUs: bigint): number {
  return Number((us * 200n + unitUs) / (2n * unitUs)) / 100;
}

/** `part / whole` to `1 / steps`, half up; null where there is no whole. */
export function ratio(part: bigint, whole: bigint, steps: bigint): number | null {
  return whole === 0n ? null : Number((part * steps * 2n + whole) / (2n * whole)) / Number(steps);
}

/** Nulls last whichever way; text by its bytes. */
export function compareCells(one: ShownRow, other: ShownRow, name: string, descending: boolean): number {
  const [a, b] = [one[name]!, other[name]!];
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order =
    typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(b as string)) : Number(a) - Number(b);
  return descending ? -order : order;
}

export function byId(one: ShownRow, other: ShownRow): number {
  return compareCells(one, other, 'store_id', false);
}
