import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Report } from '../requests/report.entity.js';

/** Longer lists of stores help nobody who reads them; their number is told besides. */
const MOST_TOLD = 100;

/** Stores that a report was asked for by name and that have no row in it. */
export interface MissingStores {
  count: number;
  /** At most 100 of them, as they were asked for. */
  ids: readonly string[];
}

/** Finds out which of the stores that were asked for are unknown, or have no poll at or before as-of. */
@Injectable()
export class MissingStoresReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Null: all stores were asked for, or there are no rows (yet). */
  async of(report: Report): Promise<MissingStores | null> {
    if (report.status !== 'completed' || report.storeIds === null) return null;
    const asked = new Set(report.storeIds);
    const count = asked.size - (report.stores ?? 0);
    if (count <= 0) return { count: 0, ids: [] };
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT id FROM unnest($2::text[]) WITH ORDINALITY AS asked (id, place)
        WHERE NOT EXISTS (SELECT FROM report_rows AS r WHERE r.report_id = $1 AND r.store_id = asked.id)
        ORDER BY place LIMIT ${MOST_TOLD}`,
      [report.resultId, [...asked]],
    );
    return { count, ids: rows.map(({ id }) => id) };
  }
}
