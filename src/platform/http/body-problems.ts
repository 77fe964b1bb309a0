import type { NextFunction, Request, Response } from 'express';
import { whyNoJson } from '../json-text.js';
import { Problem } from '../problem.js';

/** What a JSON body may have, unpacked. */
export const JSON_LIMIT = '1 MB';
/** What the layout of a floor may have: a thousand zones with their corners. */
export const LAYOUT_LIMIT = '2 MB';

const LAYOUTS = /^\/api\/(?:(?:v1\/)?blueprints(?:\/|$)|v1\/stores\/[^/]+\/mapping\/?$)/i;

/** Whether bodies there are layouts of floors. */
export function takesLayout({ path }: Pick<Request, 'path'>): boolean {
  return LAYOUTS.test(path);
}

/** What the reading of a body ends with; `type` is the reader's own word, missing where bytes could not be unpacked. */
interface BodyError {
  type?: string;
  code?: unknown;
  expose?: boolean;
  /** As text where it could be decoded. */
  body?: unknown;
}

/**
 * Tells why a body could not be read. Behind the readers of bodies, before the framework, which would tell the
 * reader's own words. Express knows such a handler by its four parameters.
 */
export function tellBodyProblem(
  error: unknown,
  request: Request,
  _response: Response,
  next: NextFunction,
): void {
  next(error instanceof Problem ? error : (bodyProblem(error as BodyError, request) ?? error));
}

function bodyProblem({ type, code, expose, body }: BodyError, request: Request): Problem | null {
  const { headers } = request;
  switch (type) {
    case 'entity.parse.failed':
      return bad(
        `The body is no JSON: ${typeof body === 'string' ? whyNoJson(body) : 'it can not be read as text'}.`,
      );
    case 'entity.too.large':
      return new Problem(
        413,
        'too_large',
        `The body is longer than ${takesLayout(request) ? LAYOUT_LIMIT : JSON_LIMIT}, the most that is taken here. Nothing of it was kept.`,
      );
    case 'encoding.unsupported':
      return new Problem(
        415,
        'bad_encoding',
        `The body is packed in a way that is not known here (Content-Encoding: ${named(headers['content-encoding'])}). Send it plain, or as gzip, deflate or br.`,
      );
    case 'charset.unsupported':
      return new Problem(
        415,
        'bad_encoding',
        `The body's characters are not known here (Content-Type: ${named(headers['content-type'])}). Send it as UTF-8.`,
      );
    case 'request.aborted':
    case 'request.size.invalid':
      return bad('The request broke off before its end, or is of another length than it declares.');
    default:
  }
  if (
    typeof code === 'string' &&
    /^(?:Z_|ERR_|BROTLI_)/.test(code) &&
    headers['content-encoding'] !== undefined
  )
    return bad(
      `The body is not what its header says (Content-Encoding: ${named(headers['content-encoding'])}): it can't be unpacked.`,
    );
  return expose === true ? bad("The body can't be read.") : null;
}

function bad(detail: string): Problem {
  return new Problem(400, 'bad_body', `${detail} Nothing was done.`);
}

function named(header: string | undefined): string {
  return `'${(header ?? '').slice(0, 100)}'`;
}
