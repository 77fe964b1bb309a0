import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ReportWork } from './report-work.js';
import type { Site } from './site.js';

/** What the rows of a report have to add up to. */
interface RowSums {
  id: string;
  status: string;
  error: string | null;
  stores: number;
  rows: number;
  distinct: number;
  /** Rows whose uptime and downtime are not their open time, in any window. */
  uneven: number;
}

interface ShownFile {
  format: string;
  bytes: number;
  sha256: string;
  url: string;
}

/** Expects each report to be complete: every store once, its figures whole, its files what its rows say. */
export async function expectWhole(work: ReportWork, ids: readonly string[] = work.ids): Promise<void> {
  const sums = await rowSums(work.site, ids);
  expect(sums).toHaveLength(new Set(ids).size);
  const bad = sums.filter(
    (one) =>
      one.status !== 'completed' ||
      one.stores < 1 ||
      one.rows !== one.stores ||
      one.distinct !== one.stores ||
      one.uneven > 0,
  );
  expect(bad).toEqual([]);
  for (const id of ids) await expectFiles(work.site, id);
  await expectNoTornFile(work.site);
}

async function rowSums(site: Site, ids: readonly string[]): Promise<RowSums[]> {
  return site.query<RowSums & Record<string, unknown>>(
    `SELECT r.report_id AS id, r.status, r.error, r.stores, count(w.store_key)::int AS rows, count(DISTINCT w.store_id)::int AS distinct,
            count(*) FILTER (WHERE ${['hour', 'day', 'week'].map(unevenSql).join(' OR ')})::int AS uneven
       FROM reports AS r LEFT JOIN report_rows AS w ON w.report_id = r.result_id
      WHERE r.report_id = ANY ($1) GROUP BY r.report_id`,
    [ids],
  );
}

function unevenSql(window: string): string {
  const excluded = `CASE WHEN r.unobserved = 'exclude' THEN w.${window}_unobserved_us ELSE 0 END`;
  return `w.${window}_uptime_us + w.${window}_downtime_us + ${excluded} <> w.${window}_open_us`;
}

/** Downloads every file of the report and compares it with what is told of it, and the CSV with the rows. */
async function expectFiles(site: Site, id: string): Promise<void> {
  const { files } = (await (await fetch(`${site.server.origin}/api/v1/reports/${id}`)).json()) as {
    files: ShownFile[];
  };
  expect(files.map(({ format }) => format)).toContain('csv');
  for (const { format, bytes, sha256, url } of files) {
    const { status, content } = await download(site, url);
    expect({ status, bytes: content.length, sha256: hashOf(content) }).toEqual({
      status: 200,
      bytes,
      sha256,
    });
    if (format === 'csv') expect(content.toString().split('\n').slice(1)).toEqual(await csvLines(site, id));
  }
  // One that is answered from another has metadata of its own, made when they are asked for.
  const { status, content } = await download(site, `/api/v1/reports/${id}/file?format=json`);
  expect(status).toBe(200);
  expect(JSON.parse(content.toString())).toEqual(expect.any(Object));
}

async function download(site: Site, route: string): Promise<{ status: number; content: Buffer }> {
  const answer = await fetch(`${site.server.origin}${route}`);
  return { status: answer.status, content: Buffer.from(await answer.arrayBuffer()) };
}

/** The lines of the CSV behind its head, made by PostgreSQL from the rows; the last one is empty. */
async function csvLines(site: Site, id: string): Promise<string[]> {
  const cells = [
    durationSql('hour_uptime_us', 60_000_000),
    ...['day_uptime_us', 'week_uptime_us'].map((column) => durationSql(column, 3_600_000_000)),
    durationSql('hour_downtime_us', 60_000_000),
    ...['day_downtime_us', 'week_downtime_us'].map((column) => durationSql(column, 3_600_000_000)),
  ];
  const rows = await site.query<{ line: string }>(
    `SELECT concat_ws(',', store_id, ${cells.join(', ')}) AS line
       FROM report_rows WHERE report_id = (SELECT result_id FROM reports WHERE report_id = $1) ORDER BY store_id`,
    [id],
  );
  return [...rows.map(({ line }) => line), ''];
}

function durationSql(column: string, unitUs: number): string {
  return `round(${column}::numeric / ${unitUs}, 2)::text`;
}

/** Every file under a final name is one that the database tells of, byte for byte, or one that it was told of before. */
async function expectNoTornFile(site: Site): Promise<void> {
  const known = new Set(
    (await site.query<{ sha256: string }>('SELECT sha256 FROM report_files')).map(({ sha256 }) => sha256),
  );
  const folder = path.join(site.settings.folder, 'reports');
  const torn = filesIn(folder).filter(
    (file) => !isTemporary(file) && !known.has(hashOf(readFileSync(path.join(folder, file)))),
  );
  expect(torn).toEqual([]);
}

export function isTemporary(file: string): boolean {
  return file.endsWith('.part');
}

export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
