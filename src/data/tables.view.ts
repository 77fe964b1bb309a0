import { ApiProperty } from '@nestjs/swagger';
import type { TableRow } from './shown-table.js';

/** A table that can be looked at. */
export class TableView {
  name: string;
  /** Other names that it is known by. */
  aliases: string[];
  /** What it holds, for people. */
  title: string;
  columns: string[];
  rows: number;
  /** `rows` is an estimate, since the table is too large to be counted while you wait. */
  estimated: boolean;
}

export class TableListView {
  data: TableView[];
}

/** Rows of a table, and where the next ones begin. */
export class TableRowsView {
  /** The table's name, also where it was asked for by another one. */
  table: string;
  columns: string[];
  /** Each row by the names of its columns. Times with `_local` are wall time, others RFC 3339 in UTC. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  data: TableRow[];
  next_cursor: string | null;
}
