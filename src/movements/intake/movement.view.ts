import { ApiProperty } from '@nestjs/swagger';
import type { BboxFormat, Role } from '../movement-event.js';

/** The size of a camera's image in pixels. */
export class FrameDto {
  w: number;
  h: number;
}

/** What a camera saw. For the description alone: bodies are read by hand, hundreds of events at a time. */
export class MovementDto {
  /** Of a person. Kept as a hash (HMAC-SHA-256) unless the operator turned that off. */
  user_id: string;
  /** The tracker's number of the person, as long as the camera follows them. */
  track_id: number;
  /** Four numbers: `[x1, y1, x2, y2]` in pixels, unless `bbox_format` says otherwise. */
  bbox: number[];
  /** At most 32 characters, such as `walking`. */
  state: string;
  /** Id, name or alias. A name that no store has yet is kept, and can be linked later. */
  store: string;
  /** The same event may be sent again under its id: it is stored once. Left out, one is made. */
  event_id?: string;
  /** When it was seen; left out, the time of arrival. */
  timestamp?: string;
  camera_id?: string;
  frame?: FrameDto;
  /** `xyxy` (default), `xywh`, both in pixels; `norm`: corners as shares of the image, 0 to 1. */
  bbox_format?: BboxFormat;
  /** From 0 to 1. */
  confidence?: number;
  /**
   * Who it is, as far as the camera knows: `staff`, `customer` or `unknown`. Kept and shown with the event; figures and
   * evidence count everybody alike. Staff who are no sign that the store is open are told by a zone without `open_evidence`.
   */
  role?: Role;
}

/** What became of the events of a request. */
export class AcceptedMovementsView {
  /** Events that are kept: each is stored once, whatever stops or breaks from now on. */
  accepted: number;
  /** Events of the request that came twice in it. */
  repeated: number;
  /** In the order of the events. */
  event_ids: string[];
  /** Members that are not known here and were left out, and how often each came. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'number' } })
  dropped_members: Record<string, number>;
  /** Whether Redis answers. */
  redis_connected: boolean;
  /** True: they are in the database already; false: they wait in Redis, for some seconds at most. */
  stored: boolean;
}
