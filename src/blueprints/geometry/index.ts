// The floor as geometry: values in, values out.
export { areaOf, contains, MOST_POLYGON_POINTS, overlapArea, polygonProblem } from './polygon.js';
export type { PolygonProblemCode, ShapeProblem } from './polygon.js';
export { type LineEnds, lineProblem, type LineProblemCode, passes, sideOf } from './line.js';
export {
  type CalibrationProblemCode,
  calibrationProblem,
  fitHomography,
  type Homography,
  type HomographyMatrix,
  MOST_CALIBRATION_PAIRS,
  project,
} from './homography.js';
export { locate, type Locate, locator, type SeenBox } from './locate.js';
