import { ApiProperty } from '@nestjs/swagger';
import { formatDate } from '../../platform/wall-time.js';
import { presentWindow } from './weekly-windows.js';

export class DatedWindowView {
  start: string;
  end: string;
}

/** The windows of one date, in place of the weekly ones. */
export class ExceptionView {
  date: string;
  /** None: closed. */
  windows: DatedWindowView[];
}

export class ExceptionListView {
  data: ExceptionView[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}

/** As it is kept: days since 1970-01-01, (start, end) pairs in seconds after midnight. */
export interface DatedException {
  date: number;
  windows: readonly number[];
}

export function presentException({ date, windows }: DatedException): ExceptionView {
  const view: ExceptionView = { date: formatDate(date), windows: [] };
  for (let at = 0; at < windows.length; at += 2)
    view.windows.push(presentWindow(windows[at]!, windows[at + 1]!));
  return view;
}
