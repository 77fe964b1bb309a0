import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../problem.js';

/** A route whose bodies are not one JSON object: it is given the bytes, and reads them itself. */
interface RawBody {
  path: string;
  type: string;
  limit: string;
}

/** Polls and events come thousands at a time, which a general parser and its checks take too long over. */
const RAW_BODIES: readonly RawBody[] = [
  { path: '/api/v1/polls', type: 'application/json', limit: '2 MB' },
  { path: '/api/v1/polls', type: 'application/x-ndjson', limit: '8 MB' },
  { path: '/api/v1/movements', type: 'application/json', limit: '2 MB' },
  { path: '/api/v1/movements', type: 'application/x-ndjson', limit: '2 MB' },
];

/** Puts the bytes of such bodies into `request.body`, as a Buffer, before anything else reads them. */
export function useRawBodies(app: NestExpressApplication): void {
  for (const raw of RAW_BODIES)
    app.useBodyParser('raw', { limit: raw.limit, type: (request) => isOf(raw, request) });
  app.use(tellLimit);
}

/** Says how much would have been taken. Express knows such a handler by its four parameters. */
function tellLimit(error: unknown, request: Request, _response: Response, next: NextFunction): void {
  const raw = RAW_BODIES.find((one) => isOf(one, request));
  const isTooLarge = raw !== undefined && (error as { type?: string }).type === 'entity.too.large';
  next(
    isTooLarge
      ? new Problem(
          413,
          'too_large',
          `The body is longer than ${raw.limit}, the most that is taken here at once. Nothing of it was kept; send it in pieces.`,
        )
      : error,
  );
}

function isOf({ path, type }: RawBody, { method, url, headers }: IncomingMessage): boolean {
  const [asked = ''] = (url ?? '').toLowerCase().split('?');
  const [declared = ''] = (headers['content-type'] ?? '').toLowerCase().split(';');
  return method === 'POST' && (asked === path || asked === `${path}/`) && declared.trim() === type;
}
