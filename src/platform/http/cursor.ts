import { Problem } from '../problem.js';

/** A place in a list as callers hand it back: nothing for them to read. */
export function cursorOf(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/** @returns null for what `cursorOf` never made. */
export function placeOfCursor(cursor: string): string | null {
  const place = Buffer.from(cursor, 'base64url').toString();
  return cursorOf(place) === cursor ? place : null;
}

/** The answer to a cursor that is none. */
export function badCursor(): Problem {
  const detail = 'cursor has to be a next_cursor that a page of this list gave before.';
  return new Problem(400, 'invalid', detail, [{ pointer: '/cursor', code: 'cursor', detail }]);
}
