import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { fitHomography } from '../geometry/index.js';
import type {
  Anchor,
  Calibration,
  Camera,
  Line,
  MappingContent,
  Zone,
  ZoneKind,
} from '../mapping-content.js';
import { ANCHORS, ZONE_KINDS } from '../mapping-content.js';

const POINT = {
  type: 'array',
  items: { type: 'number', minimum: 0, maximum: 1 },
  minItems: 2,
  maxItems: 2,
} as const;
const DATA = {
  type: 'object',
  additionalProperties: true,
  description: 'Members that are not known here, as they were given',
} as const;

/** A part of the floor. */
export class ZoneView {
  /** Its identity. */
  key: string;
  name: string;
  @ApiProperty({ enum: ZONE_KINDS })
  kind: ZoneKind;
  /** Corners in shares of the plan, from its upper left corner. */
  @ApiProperty({ type: 'array', items: POINT, minItems: 3, maxItems: 500 })
  polygon: Zone['polygon'];
  /** The point of a person's box that stands for the person. */
  @ApiProperty({ enum: ANCHORS })
  anchor: Anchor;
  /** A visit counts when the person has been inside for so long. */
  min_presence_ms: number;
  /** A visit ends when the person has been outside for longer. */
  exit_grace_ms: number;
  capacity: number | null;
  /** Whether people in it are a sign that the store is open. */
  open_evidence: boolean;
  enabled: boolean;
  @ApiPropertyOptional(DATA)
  data?: object;
}

/** A line that people cross, into the store from its right to its left, seen from `from` to `to`. */
export class LineView {
  key: string;
  name: string;
  @ApiProperty(POINT)
  from: Line['from'];
  @ApiProperty(POINT)
  to: Line['to'];
  @ApiProperty({ enum: ANCHORS })
  anchor: Anchor;
  enabled: boolean;
  @ApiPropertyOptional(DATA)
  data?: object;
}

/** The size of a camera's image in pixels. */
export class FrameView {
  w: number;
  h: number;
}

/** Points of a camera's image and where they lie on the plan: at least four pairs. */
export class CalibrationView {
  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 },
  })
  image: Calibration['image'];
  @ApiProperty({ type: 'array', items: POINT })
  plan: Calibration['plan'];
}

/** How far the pairs lie from where the calibration puts them, as shares of the plan. */
export class CalibrationErrorView {
  /** The root of the mean square. */
  rms: number;
  max: number;
}

export class CameraView {
  key: string;
  name: string;
  @ApiProperty({ type: FrameView, nullable: true })
  frame: FrameView | null;
  @ApiProperty({ type: CalibrationView, nullable: true })
  calibration: CalibrationView | null;
  /** Null without calibration. Nothing to be edited: it is passed over when it is sent back. */
  @ApiProperty({ type: CalibrationErrorView, nullable: true })
  calibration_error: CalibrationErrorView | null;
  enabled: boolean;
  @ApiPropertyOptional(DATA)
  data?: object;
}

/** A layout as the interface shows it. */
export class ContentView {
  @ApiProperty({ type: [ZoneView] })
  zones: ZoneView[];
  @ApiProperty({ type: [LineView] })
  lines: LineView[];
  @ApiProperty({ type: [CameraView] })
  cameras: CameraView[];
  @ApiProperty(DATA)
  data: object;
}

export function presentContent({ zones, lines, cameras, data }: MappingContent): ContentView {
  return {
    zones: zones.map(presentZone),
    lines: lines.map(presentLine),
    cameras: cameras.map(presentCamera),
    data,
  };
}

export function presentZone(zone: Zone): ZoneView {
  return {
    key: zone.key,
    name: zone.name,
    kind: zone.kind,
    polygon: zone.polygon,
    anchor: zone.anchor,
    min_presence_ms: zone.minPresenceMs,
    exit_grace_ms: zone.exitGraceMs,
    capacity: zone.capacity,
    open_evidence: zone.openEvidence,
    enabled: zone.enabled,
    ...(zone.data && { data: zone.data }),
  };
}

export function presentLine(line: Line): LineView {
  const { key, name, from, to, anchor, enabled, data } = line;
  return { key, name, from, to, anchor, enabled, ...(data && { data }) };
}

export function presentCamera(camera: Camera): CameraView {
  const { key, name, frame, calibration, enabled, data } = camera;
  return {
    key,
    name,
    frame,
    calibration,
    calibration_error: errorOf(camera),
    enabled,
    ...(data && { data }),
  };
}

function errorOf({ calibration }: Camera): CalibrationErrorView | null {
  if (calibration === null) return null;
  const { rmsError, maxError } = fitHomography(calibration);
  return { rms: rmsError, max: maxError };
}
