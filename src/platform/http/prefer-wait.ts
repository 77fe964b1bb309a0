import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

const LONGEST_S = 60;

/** The seconds that the request's `Prefer` header asks to wait. `ApiHeader` describes it: read with `Headers`, it would be described twice. */
export const PreferredWait = createParamDecorator((_: unknown, context: ExecutionContext): number =>
  preferredWaitSeconds(context.switchToHttp().getRequest<Request>().get('prefer')),
);

/** The seconds of `Prefer: wait=20` (RFC 7240), at most a minute; 0 when the client does not want to wait. */
function preferredWaitSeconds(prefer: string | undefined): number {
  const [, seconds] = /(?:^|[\s,;])wait=(\d{1,4})/i.exec(prefer ?? '') ?? [];
  return Math.min(LONGEST_S, Number(seconds ?? 0));
}
