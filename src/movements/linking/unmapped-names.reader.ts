import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A name that events bear and no store has, or several have. */
export interface UnmappedName {
  /** Folded, as it is compared. */
  readonly folded: string;
  /** As one of the events has it. */
  readonly name: string;
  readonly events: number;
  /** Microseconds since 1970. */
  readonly firstUs: number;
  readonly lastUs: number;
}

/** Reads which names events bear that stand for no store. */
@Injectable()
export class UnmappedNamesReader {
  constructor(private readonly dataSource: DataSource) {}

  /** In order of the folded name. @param after that of the last one of the page before. */
  list(after: string, limit: number): Promise<UnmappedName[]> {
    return this.dataSource.query(
      `SELECT unmapped_name AS folded, max(store_name) AS name, count(*)::float8 AS events,
              min(at_us)::float8 AS "firstUs", max(at_us)::float8 AS "lastUs"
         FROM movement_events
        WHERE store_key = 0 AND unmapped_name > $1
        GROUP BY unmapped_name ORDER BY unmapped_name LIMIT $2`,
      [after, limit],
    );
  }

  /** Ids of the stores that have each of the names, for whoever has to choose. */
  async bearers(folded: readonly string[]): Promise<Map<string, string[]>> {
    const rows: { folded: string; ids: string[] }[] = await this.dataSource.query(
      `SELECT given.folded, array_agg(s.store_id ORDER BY s.store_id) AS ids
         FROM unnest($1::text[]) AS given (folded)
         JOIN stores AS s ON s.folded_name = given.folded
                          OR (s.folded_aliases <> '{}' AND s.folded_aliases @> ARRAY[given.folded])
        GROUP BY given.folded`,
      [folded],
    );
    return new Map(rows.map((row) => [row.folded, row.ids]));
  }

  /**
   * Spellings of names, in their order: that of an id matters, so each is looked up by itself.
   *
   * @param folded only those of this name; null: of all.
   */
  async spellings(folded: string | null, after: string, limit: number): Promise<string[]> {
    const rows: { name: string }[] = await this.dataSource.query(
      `SELECT DISTINCT store_name COLLATE "C" AS name FROM movement_events
        WHERE store_key = 0 AND ($1::text IS NULL OR unmapped_name = $1) AND store_name COLLATE "C" > $2
        ORDER BY 1 LIMIT $3`,
      [folded, after, limit],
    );
    return rows.map(({ name }) => name);
  }
}
