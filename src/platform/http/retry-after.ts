import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { catchError, type Observable, throwError } from 'rxjs';
import { Problem } from '../problem.js';

/** Seconds after which to ask again. */
const SECONDS = '5';

/** Tells with every 429 and 503 of a route when to come again. */
export class RetryAfter implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (error instanceof Problem && (error.status === 429 || error.status === 503))
          context.switchToHttp().getResponse<Response>().set('Retry-After', SECONDS);
        return throwError(() => error);
      }),
    );
  }
}
