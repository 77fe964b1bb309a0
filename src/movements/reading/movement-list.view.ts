import { ApiProperty } from '@nestjs/swagger';
import { formatInstantUs } from '../../platform/instant.js';
import { type BboxFormat, type Role, ROLES } from '../movement-event.js';
import { FrameDto } from '../intake/movement.view.js';
import type { StoredMovement } from './movement-list.reader.js';

/** An event as it is stored. */
export class MovementView {
  event_id: string;
  /** As the camera named it. */
  store: string;
  /** The store that it stands for; null: no store has this id, name or alias yet. */
  @ApiProperty({ type: String, nullable: true })
  store_id: string | null;
  /** A hash (HMAC-SHA-256), unless hashing is turned off. */
  user_id: string;
  track_id: number;
  @ApiProperty({ type: String, nullable: true })
  camera_id: string | null;
  /** As it was given, in the order and unit of `bbox_format`. */
  bbox: number[];
  bbox_format: BboxFormat;
  @ApiProperty({ type: FrameDto, nullable: true })
  frame: FrameDto | null;
  state: string;
  timestamp: string;
  received_at: string;
  @ApiProperty({ type: Number, nullable: true })
  confidence: number | null;
  @ApiProperty({ enum: ROLES, nullable: true })
  role: Role | null;
}

/** Some events, the newest first. */
export class MovementListView {
  data: MovementView[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}

export function movementView(event: StoredMovement): MovementView {
  return {
    event_id: event.eventId,
    store: event.storeName,
    store_id: event.storeId,
    user_id: event.userId,
    track_id: event.trackId,
    camera_id: event.cameraId === '' ? null : event.cameraId,
    bbox: [...event.bbox],
    bbox_format: event.bboxFormat,
    frame: event.frameW === null || event.frameH === null ? null : { w: event.frameW, h: event.frameH },
    state: event.state,
    timestamp: formatInstantUs(event.atUs),
    received_at: formatInstantUs(event.receivedUs),
    confidence: event.confidence,
    role: event.role,
  };
}
