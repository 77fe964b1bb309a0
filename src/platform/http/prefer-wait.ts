const LONGEST_S = 60;

/** The seconds of `Prefer: wait=20` (RFC 7240), at most a minute; 0 when the client does not want to wait. */
export function preferredWaitSeconds(prefer: string | undefined): number {
  const [, seconds] = /(?:^|[\s,;])wait=(\d{1,4})/i.exec(prefer ?? '') ?? [];
  return Math.min(LONGEST_S, Number(seconds ?? 0));
}
