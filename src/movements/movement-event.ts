/** `xyxy`: two corners in pixels; `xywh`: a corner and the size in pixels; `norm`: two corners as shares of the image. */
export const BBOX_FORMATS = ['xyxy', 'xywh', 'norm'] as const;
export type BboxFormat = (typeof BBOX_FORMATS)[number];

export const ROLES = ['staff', 'customer', 'unknown'] as const;
export type Role = (typeof ROLES)[number];

/** Four numbers, in the order and unit that the format says. */
export type Bbox = readonly [number, number, number, number];

/** The size of a camera's image, in pixels. */
export interface Frame {
  readonly w: number;
  readonly h: number;
}

/** Somebody was seen: one event as it is accepted, checked and with all that intake adds. */
export interface MovementEvent {
  /** The client's, or made at intake. One store has it once. */
  readonly eventId: string;
  /** As the client named it; what it stands for is looked up when the event is stored. */
  readonly store: string;
  /** A hash of the person's id, or the id where hashing is off. */
  readonly userId: string;
  readonly trackId: number;
  /** Empty: the client did not say. */
  readonly cameraId: string;
  readonly bbox: Bbox;
  readonly bboxFormat: BboxFormat;
  readonly frame: Frame | null;
  readonly state: string;
  /** When it was seen; without a timestamp of the client, when it was received. Microseconds since 1970. */
  readonly atUs: number;
  readonly receivedUs: number;
  /** From 0 to 1. */
  readonly confidence: number | null;
  readonly role: Role | null;
}
