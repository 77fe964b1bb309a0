import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../problem.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets a request change something only when it was sent to this machine by name, and not by a web page of another
 * origin. Without it, any page that a browser on this machine shows could clear the data: cross-site forms are sent
 * without asking, and a name that resolves to 127.0.0.1 (DNS rebinding) passes the browser's own check.
 */
export function sameOriginOnly(request: Request, _response: Response, next: NextFunction): void {
  next(READING.has(request.method) ? undefined : (refusal(request) ?? undefined));
}

function refusal(request: Request): Problem | null {
  const host = request.headers.host ?? '';
  if (!isLoopback(host)) {
    return new Problem(
      403,
      'foreign_host',
      `The Host header names '${host.slice(0, 100)}'; changes are taken for localhost only.`,
    );
  }
  const origin = request.headers.origin;
  if (origin !== undefined && origin !== `http://${host}`) {
    return new Problem(
      403,
      'foreign_origin',
      `A page of '${origin.slice(0, 100)}' may not change anything here.`,
    );
  }
  return null;
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}
