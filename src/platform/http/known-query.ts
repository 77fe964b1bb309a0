import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { unknownParameters } from './validation.js';

/**
 * Refuses members of the query that a route does not know: a misspelt filter, or a body's member that was sent in the
 * address, would else be passed over, and something else be done than was asked for. A handler that takes a query has
 * it checked by the class of it. The earlier clients may name more than is known, as they always could.
 */
export class KnownQuery implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { path, query, method } = context.switchToHttp().getRequest<Request>();
    const names = path.toLowerCase().startsWith('/api/v1/') ? Object.keys(query) : [];
    if (names.length > 0 && !isCheckedByClass(context)) throw unknownParameters(names, method);
    return next.handle();
  }
}

function isCheckedByClass(context: ExecutionContext): boolean {
  const name = context.getHandler().name;
  const parameters: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), name);
  return Object.keys(parameters ?? {}).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}
