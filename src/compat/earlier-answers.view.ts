import { ApiProperty } from '@nestjs/swagger';

/** A: the report is accepted. */
export class TriggeredAView {
  report_id: string;
  /** Always `PENDING`. */
  status: string;
  task_id: string;
}

/** A: how far the report is. */
export class StatusAView {
  report_id: string;
  /** `PENDING`, `RUNNING`, `COMPLETED` or `FAILED`. */
  status: string;
  /** Where its CSV lies; null until it is completed. */
  url: string | null;
}

/** B and C: the report is accepted. */
export class TriggeredView {
  report_id: string;
}

/** B: how far the report is. */
export class ProgressBView {
  /** `Running`, `Completed` or `Failed`. */
  status: string;
  /** What download_report takes; there when it is completed. */
  filepath?: string;
}

/** C: rows of one table. */
export class LoadedTableView {
  read: number;
  /** Also those that had been loaded before. */
  loaded: number;
  rejected: number;
}

/** C: all is loaded. */
export class LoadedView {
  message: string;
  import_id: string;
  /** By table. */
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { read: { type: 'number' }, loaded: { type: 'number' }, rejected: { type: 'number' } },
    },
  })
  tables: Record<string, LoadedTableView>;
}

/** C: what was cleared. */
export class ClearedView {
  message: string;
  /** Rows of each table. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'number' } })
  tables: Record<string, number>;
  cleared_id: string | null;
  restorable_until: string | null;
}

/** E: the report is accepted. */
export class TriggeredEView extends TriggeredView {
  /** Always `Running`. */
  status: string;
}

/** E: how far the report is. */
export class ProgressEView extends ProgressBView {
  /** There when it is completed. */
  download_url?: string;
}
