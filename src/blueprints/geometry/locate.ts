import type { Anchor, Camera, PlanPoint } from '../mapping-content.js';
import { type HomographyMatrix, fitHomography, project } from './homography.js';

/** A box round a person in a camera's image, as an event gives it. */
export interface SeenBox {
  readonly bbox: readonly [number, number, number, number];
  /** `xyxy`: two corners in pixels; `xywh`: a corner and the size in pixels; `norm`: two corners as shares of the image. */
  readonly format: 'xyxy' | 'xywh' | 'norm';
  /** The size of the image in pixels, where the event tells it. */
  readonly frame: { readonly w: number; readonly h: number } | null;
  /** Empty: the event did not say. */
  readonly cameraKey: string;
}

/** Takes a box to the plan by one anchor; null where its place cannot be told. */
export type Locate = (box: SeenBox, anchor: Anchor) => PlanPoint | null;

interface Size {
  readonly w: number;
  readonly h: number;
}

interface Lens {
  readonly frame: Size | null;
  readonly matrix: HomographyMatrix | null;
}

/** A camera that nobody entered: its image is the plan. */
const PLAIN: Lens = { frame: null, matrix: null };

/**
 * How the boxes of a store get to its plan (M2):
 *
 * - a camera with calibration: by its homography; the box is brought to the size of the calibrated image first, when
 *   the event names another size;
 * - a camera without: its image is the plan, so the box is divided by the image's size, the event's or else the camera's;
 * - a camera that is switched off: nowhere;
 * - an event without a camera, where just one camera is entered: by that one;
 * - any other camera: its image is the plan, unless some camera is calibrated. Then an image of a camera that nobody
 *   entered would be laid over a plan that it is known not to show.
 *
 * A box in pixels of an image whose size nobody tells has no place. Places may lie outside the plan: boxes are never
 * clipped.
 */
export function locator(cameras: readonly Camera[]): Locate {
  const lenses = new Map(
    cameras.map((camera) => [
      camera.key,
      camera.enabled
        ? {
            frame: camera.frame,
            matrix: camera.calibration === null ? null : fitHomography(camera.calibration).matrix,
          }
        : null,
    ]),
  );
  const known = [...lenses.values()].filter((lens) => lens !== null);
  const unknown = known.some(({ matrix }) => matrix !== null) ? null : PLAIN;
  const unnamed = known.length === 1 ? known[0]! : unknown;
  return (box, anchor) => {
    const lens = lenses.get(box.cameraKey);
    const its = lens === undefined ? (box.cameraKey === '' ? unnamed : unknown) : lens;
    return its === null ? null : placeOf(box, anchor, its);
  };
}

/** As `locator`, for one box. */
export function locate(box: SeenBox, cameras: readonly Camera[], anchor: Anchor): PlanPoint | null {
  return locator(cameras)(box, anchor);
}

function placeOf(box: SeenBox, anchor: Anchor, { frame, matrix }: Lens): PlanPoint | null {
  const [x, y] = anchorPoint(box, anchor);
  if (matrix === null) {
    if (box.format === 'norm') return [x, y];
    const size = box.frame ?? frame;
    return size === null ? null : [x / size.w, y / size.h];
  }
  const calibrated = frame ?? box.frame;
  if (box.format === 'norm')
    return calibrated === null ? null : project(matrix, [x * calibrated.w, y * calibrated.h]);
  // The pixels of an event that tells no size are those of the calibration.
  if (box.frame === null || calibrated === null) return project(matrix, [x, y]);
  return project(matrix, [(x / box.frame.w) * calibrated.w, (y / box.frame.h) * calibrated.h]);
}

function anchorPoint({ bbox: [a, b, c, d], format }: SeenBox, anchor: Anchor): readonly [number, number] {
  const right = format === 'xywh' ? a + c : c;
  const bottom = format === 'xywh' ? b + d : d;
  const x = (a + right) / 2;
  if (anchor === 'top_center') return [x, b];
  return [x, anchor === 'center' ? (b + bottom) / 2 : bottom];
}
