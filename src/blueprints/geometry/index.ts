// The floor as geometry: values in, values out.
export { areaOf, contains, MOST_POLYGON_POINTS, polygonProblem } from './polygon.js';
export { type Overlap, overlapsOf } from './overlaps.js';
export type { PolygonProblemCode, ShapeProblem } from './polygon.js';
export { type LineEnds, lineProblem, type LineProblemCode, passes, sideOf } from './line.js';
export { type CalibrationProblemCode, MOST_CALIBRATION_PAIRS } from './calibration-pairs.js';
export {
  calibrationProblem,
  fitHomography,
  type Homography,
  type HomographyMatrix,
  project,
} from './homography.js';
export { locate, type Locate, locator, type SeenBox } from './locate.js';
