import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../problem.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Takes a request only when it was sent to this machine by a loopback name, and one that changes something only when
 * no web page of another origin sent it. Without it, any page that a browser on this machine shows could read the
 * reports and change the data: a name that resolves to 127.0.0.1 (DNS rebinding) passes the browser's own check, and
 * cross-site forms are sent without asking.
 */
export function sameOriginOnly(request: Request, _response: Response, next: NextFunction): void {
  next(foreignHost(request) ?? foreignOrigin(request) ?? undefined);
}

function foreignHost(request: Request): Problem | null {
  const host = request.headers.host ?? '';
  if (isLoopback(host)) return null;
  return new Problem(
    403,
    'foreign_host',
    `The Host header names '${host.slice(0, 100)}'; requests are taken for localhost only, or a loopback address such as 127.0.0.1.`,
  );
}

function foreignOrigin(request: Request): Problem | null {
  const { origin, host } = request.headers;
  if (READING.has(request.method) || origin === undefined || origin === `http://${host}`) return null;
  return new Problem(
    403,
    'foreign_origin',
    `A page of '${origin.slice(0, 100)}' may not change anything here.`,
  );
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}
