import type { ReportWindow } from '../files/report-columns.js';
import { type Query, QueryReader } from './query-reader.js';

/** Which stores are wanted; all: every one that differs. */
export type DiffPart = 'all' | 'changed' | 'this' | 'other';

const WINDOWS: ReadonlyMap<string, ReportWindow> = new Map([
  ['last_hour', 'hour'],
  ['last_day', 'day'],
  ['last_week', 'week'],
]);
const PARTS: ReadonlyMap<string, DiffPart> = new Map(
  (['changed', 'this', 'other'] as const).map((part) => [part, part]),
);

export interface DiffQuery {
  /** Null: the figures of all windows. */
  readonly window: ReportWindow | null;
  readonly part: DiffPart;
  readonly limit: number;
  readonly offset: number;
}

/** @throws Problem 400 that tells everything that is wrong, and what is allowed. */
export function readDiffQuery(query: Query): DiffQuery {
  const reader = new QueryReader(query, ['window', 'only', 'offset', 'limit']);
  const window = reader.word('window', WINDOWS) ?? null;
  const part = reader.word('only', PARTS) ?? 'all';
  const page = reader.page();
  reader.finish();
  return { window, part, ...page };
}
