import type { IncomingHttpHeaders } from 'node:http';
import type { ByteRange } from '../storage/file-storage.js';

interface Asked {
  method: string;
  headers: IncomingHttpHeaders;
}

/**
 * The part of a file that a request wants (RFC 9110, 14.2).
 *
 * @param etag the file's strong tag
 * @returns null for the whole: no range, none that can be read, several, or an `If-Range` of another file.
 */
export function requestedRange(
  { method, headers }: Asked,
  etag: string,
  bytes: number,
): ByteRange | 'unsatisfiable' | null {
  const ifRange = headers['if-range'];
  if (method !== 'GET' || headers.range === undefined || (ifRange !== undefined && ifRange !== etag))
    return null;
  const [matched, first = '', last = ''] = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(headers.range) ?? [];
  if (matched === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const wanted = Math.min(Number(last), bytes);
    return wanted === 0 ? 'unsatisfiable' : { first: bytes - wanted, last: bytes - 1 };
  }
  if (last !== '' && Number(last) < Number(first)) return null;
  if (Number(first) >= bytes) return 'unsatisfiable';
  return { first: Number(first), last: last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1) };
}

/** Whether the tags of an `If-None-Match` hold this one. Compared weakly: proxies that pack an answer mark its tag. */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
