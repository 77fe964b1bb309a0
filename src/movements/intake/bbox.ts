import type { ProblemEntry } from '../../platform/problem.js';
import type { Bbox, BboxFormat } from '../movement-event.js';

/** No image is larger, and what lies farther out is a slip. */
const MOST_PIXELS = 1_000_000;
const POINTER = '/bbox';

const MEANT: Readonly<Record<BboxFormat, string>> = {
  xyxy: '[x1, y1, x2, y2] in pixels, with x1 < x2 and y1 < y2',
  xywh: '[x, y, width, height] in pixels, with a width and a height above 0',
  norm: '[x1, y1, x2, y2] as shares of the image from 0 to 1, with x1 < x2 and y1 < y2',
};

/** Everything that is wrong with a box; nothing, when it is one. */
export function bboxProblems(value: unknown, format: BboxFormat): ProblemEntry[] {
  if (value === undefined || value === null)
    return [problem('bbox_missing', `The bbox is missing. It has to be ${MEANT[format]}.`)];
  if (!isFourNumbers(value))
    return [problem('bad_bbox', `The bbox is not four finite numbers. It has to be ${MEANT[format]}.`)];
  const most = format === 'norm' ? 1 : MOST_PIXELS;
  const least = format === 'norm' ? 0 : -MOST_PIXELS;
  if (value.some((number) => number < least || number > most))
    return [
      problem(
        'bbox_out_of_range',
        `The bbox has a number outside ${least.toLocaleString('en')} to ${most.toLocaleString('en')}. It has to be ${MEANT[format]}.`,
      ),
    ];
  return extentProblems(value, format);
}

/** Zero has one form. */
export function bboxOf(value: unknown): Bbox {
  const [a, b, c, d] = value as Bbox;
  return [a + 0, b + 0, c + 0, d + 0];
}

function extentProblems([a, b, c, d]: Bbox, format: BboxFormat): ProblemEntry[] {
  const width = format === 'xywh' ? c : c - a;
  const height = format === 'xywh' ? d : d - b;
  if (width < 0 || height < 0) {
    const reversed = format === 'xywh' ? 'a negative size' : 'its corners in reverse';
    return [problem('bbox_reversed', `The bbox has ${reversed}. It has to be ${MEANT[format]}.`)];
  }
  if (width > 0 && height > 0) return [];
  return [problem('bbox_no_area', `The bbox has no area. It has to be ${MEANT[format]}.`)];
}

function isFourNumbers(value: unknown): value is Bbox {
  return Array.isArray(value) && value.length === 4 && value.every((number) => Number.isFinite(number));
}

function problem(code: string, detail: string): ProblemEntry {
  return { pointer: POINTER, code, detail };
}
