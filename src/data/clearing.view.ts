import { ApiProperty } from '@nestjs/swagger';

/** What a clearing did. */
export class ClearingView {
  /** Names it when it is taken back; null where there was nothing to clear. */
  cleared_id: string | null;
  /** What was cleared, by table. Reports stay, and can be read on. */
  counts: Record<string, number>;
  /** Some of the counts are estimates. */
  estimated: boolean;
  /** Until then POST /api/v1/data/restore takes it back. */
  restorable_until: string | null;
  /**
   * Events of cameras that waited in Redis, and were stored first, so that they belong to what was cleared. Null: Redis
   * does not answer.
   */
  waiting_events: number | null;
  /** What may come after all, in a sentence. */
  @ApiProperty({ type: String, nullable: true })
  warning: string | null;
}

/** Data that was cleared and can be taken back. */
export class ClearedDataView {
  cleared_id: string;
  cleared_at: string;
  restorable_until: string;
  /** What was cleared, by table. */
  counts: Record<string, number>;
  /** Some of the counts are estimates. */
  estimated: boolean;
}

export class ClearedDataListView {
  data: ClearedDataView[];
}

/** What a restoring did. */
export class RestoringView {
  restored_id: string;
  /** What was brought back, by table. */
  counts: Record<string, number>;
  /** Some of the counts are estimates. */
  estimated: boolean;
  /** What was there instead, and can be taken back in the same way; null where there was nothing. */
  @ApiProperty({ type: ClearedDataView, nullable: true })
  cleared: ClearedDataView | null;
  /**
   * Events of cameras that waited in Redis, and were stored first, so that they belong to what was put away. Null: Redis
   * does not answer.
   */
  waiting_events: number | null;
  /** What may come after all, in a sentence. */
  @ApiProperty({ type: String, nullable: true })
  warning: string | null;
}
