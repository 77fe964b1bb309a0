import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { v7 as uuidv7 } from 'uuid';
import { Problem, type ProblemEntry } from '../problem.js';
import { allowedMethods } from './allowed-methods.js';

interface Told {
  status: number;
  code: string;
  detail: string;
  errors: readonly ProblemEntry[];
  more?: Readonly<Record<string, unknown>>;
}

/** Headers that a handler may have set before it failed: a problem under another's tag would be kept for that. */
const OF_WHAT_WAS_ASKED_FOR = [
  'ETag',
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
] as const;

/** Answers every error as `application/problem+json` (RFC 9457). What is not meant for callers is logged, not told. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const requestId = uuidv7();
    if (response.headersSent) {
      // A download broke off in the middle: an error body would be taken for a part of the file.
      this.logger.warn(`${request.method} ${request.path} broke off (${requestId}): ${String(error)}`);
      response.destroy();
      return;
    }
    for (const name of OF_WHAT_WAS_ASKED_FOR) response.removeHeader(name);
    const told = tell(error, request) ?? this.hide(error, request, requestId);
    if (told.status === 405) response.set('Allow', allowedMethods(request).join(', '));
    const title = Problem.titleOf(told.status);
    response
      .status(told.status)
      .type('application/problem+json')
      .send({
        type: `urn:storewatch:problem:${told.code}`,
        title,
        status: told.status,
        detail: told.detail,
        instance: request.originalUrl.split('?')[0],
        request_id: requestId,
        error: title,
        ...(told.errors.length > 0 && { errors: told.errors }),
        ...told.more,
      });
  }

  private hide(error: unknown, request: Request, requestId: string): Told {
    const trace = error instanceof Error ? error.stack : String(error);
    this.logger.error(`${request.method} ${request.path} failed (${requestId})`, trace);
    return {
      status: 500,
      code: 'internal',
      detail: `The request failed for a reason that lies here, not with you. The log tells it under ${requestId}.`,
      errors: [],
    };
  }
}

function tell(error: unknown, request: Request): Told | null {
  if (error instanceof Problem) return error;
  if (error instanceof HttpException && error.getStatus() === 404) return nothingHere(request);
  if (error instanceof HttpException && error.getStatus() === 400 && isUndecodable(request.path)) {
    const detail =
      'The address can not be read: a % in it begins no character. Write a percent sign as %25, and other characters percent-encoded as UTF-8.';
    return { status: 400, code: 'bad_address', detail, errors: [] };
  }
  return null;
}

function isUndecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return false;
  } catch {
    return true;
  }
}

/** No route took the request: its address is unknown, or is there for other methods. */
function nothingHere(request: Request): Told {
  const allowed = allowedMethods(request);
  if (allowed.length === 0) {
    const detail = 'There is nothing at this address. /swagger lists what there is.';
    return { status: 404, code: 'http_error', detail, errors: [] };
  }
  const detail = `This address does not take ${request.method}, only ${allowed.join(', ')}.`;
  return { status: 405, code: 'method_not_allowed', detail, errors: [] };
}
