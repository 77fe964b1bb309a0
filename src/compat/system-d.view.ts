import { ApiProperty, OmitType } from '@nestjs/swagger';
import { MovementView } from '../movements/index.js';

/** D: the event is kept. */
export class AddedMovementView {
  message: string;
  event_id: string;
  /** Whether Redis answers; where not, the event is in the database already. */
  redis_connected: boolean;
  /** True: it is in the database already; false: it waits in Redis, for some seconds at most. */
  stored: boolean;
}

/** D: somebody was seen. */
export class MovementLogView extends OmitType(MovementView, ['event_id']) {
  /** The event's. */
  id: string;
}

/** D: a page, as the earlier system's framework laid it out. */
export class MovementLogPageView {
  results: MovementLogView[];
  /** Of all events. */
  count: number;
  /** Address of the page after this one. */
  @ApiProperty({ type: String, nullable: true })
  next: string | null;
  @ApiProperty({ type: String, nullable: true })
  previous: string | null;
  page: number;
  page_size: number;
  /** As `count`. */
  total_count: number;
}

/** D: how the buffer is. */
export class QueueStatusView {
  /** Events that wait in Redis; 0 where it does not answer. */
  movement_logs_queue_length: number;
  redis_connected: boolean;
  /** Processes that wait for work on them. */
  workers: number;
  message: string;
}

/** D: what waits will be stored. */
export class ProcessingView {
  message: string;
  task_id: string;
}

/** D: what waited is gone. */
export class ClearedQueueView {
  message: string;
  /** Exactly how many events were removed. */
  cleared: number;
}

/** D: whether a worker answers. */
export class WorkerTestView {
  message: string;
  /** Of the job that went to the worker and back; null where none came back. */
  @ApiProperty({ type: String, nullable: true })
  task_id: string | null;
  celery_working: boolean;
  /** How long the round trip took. */
  @ApiProperty({ type: Number, nullable: true })
  latency_ms: number | null;
}

/** D: how all is. */
export class SystemHealthView {
  redis: boolean;
  /** Whether a worker answers. */
  celery: boolean;
  database: boolean;
  /** `healthy`: all hold; `partial`: some; `unhealthy`: none. */
  overall_status: string;
}
