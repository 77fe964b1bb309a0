import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { badCursor, cursorOf } from '../platform/http/cursor.js';
import { Problem } from '../platform/problem.js';
import { SHOWN_FACTS } from './shown-facts.js';
import { SHOWN_FLOOR } from './shown-floor.js';
import { SHOWN_HISTORY } from './shown-history.js';
import { type Fetched, positionOf, type ShownTable } from './shown-table.js';
import { countRows } from '../platform/database/row-count.js';
import type { TableRowsView, TableView } from './tables.view.js';

const TABLES: readonly ShownTable[] = [...SHOWN_FACTS, ...SHOWN_FLOOR, ...SHOWN_HISTORY];
/** The only way from a caller's word to a table: no name from outside gets into a statement. */
const BY_NAME: ReadonlyMap<string, ShownTable> = new Map(
  TABLES.flatMap((table) => [table.name, ...table.aliases].map((name) => [name, table])),
);

/** Shows the data as it is held, table by table. */
@Injectable()
export class TablesService {
  constructor(private readonly dataSource: DataSource) {}

  async list(): Promise<TableView[]> {
    const views: TableView[] = [];
    for (const { name, aliases, title, columns, counted } of TABLES) {
      const count = await countRows(this.dataSource, counted);
      views.push({ name, aliases: [...aliases], title, columns: [...columns], ...count });
    }
    return views;
  }

  /**
   * A page of a table's rows.
   *
   * @param cursor where the page before ended; undefined: the first page.
   * @throws Problem 404 `table_unknown`, with the names that exist; 400 for a cursor that is none.
   */
  async rows(name: string, limit: number, cursor: string | undefined): Promise<TableRowsView> {
    const table = BY_NAME.get(name);
    if (table === undefined) throw unknownTable(name);
    const after = cursor === undefined ? table.start : positionOf(cursor, table.keys);
    if (after === null) throw badCursor();
    const fetched: Fetched[] = await this.dataSource.query(table.sql, [...after, limit + 1]);
    const shown = fetched.slice(0, limit);
    const last = shown.at(-1);
    return {
      table: table.name,
      columns: [...table.columns],
      data: shown.map((row) => table.row(row)),
      next_cursor: fetched.length > limit && last !== undefined ? cursorOf(JSON.stringify(last.at)) : null,
    };
  }
}

function unknownTable(name: string): Problem {
  const names = TABLES.map((table) =>
    [table.name, ...table.aliases.map((alias) => `(or ${alias})`)].join(' '),
  );
  return new Problem(
    404,
    'table_unknown',
    `There is no table '${name.slice(0, 100)}'. There are ${names.join(', ')}.`,
  );
}
