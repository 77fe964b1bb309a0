import { Logger } from '@nestjs/common';
import { Problem } from '../../platform/problem.js';
import type { StatusSnapshot } from './status.reader.js';

/** Makes snapshots, and tells whether one still holds. */
export interface SnapshotSource {
  read(atUs: number | null): Promise<StatusSnapshot>;
  isUnchanged(snapshot: StatusSnapshot): Promise<boolean>;
  /** Cheap: asked for every second while anybody asks for a snapshot. */
  era(): Promise<string>;
}

/** Live polls change facts all the time; nobody looks more often than this. */
const LEAST_REST_MS = 2_000;
/** Of one process's time: what took long is not made again soon. */
const MOST_SHARE = 0.1;
/** For so long after its rest a snapshot is still answered with while the next one is being made. */
const LEAST_GRACE_MS = 3_000;
/** Even where nothing changes: a poll that was ahead of the clock comes to count by the clock alone. */
const MOST_AGE_MS = 60_000;
/** Facts that were cleared or taken back, here or in another process, are answered with for no longer than this. */
const ERA_LOOK_MS = 1_000;
/** Instants besides the present one that are kept. */
const MOST_INSTANTS = 4;
/** Instants that wait for their turn; each is a pass over all stores. */
const MOST_WAITING = 8;

interface Kept {
  snapshot: StatusSnapshot;
  madeAt: number;
  tookMs: number;
  /** Good without a question until then. */
  freshUntil: number;
}

/**
 * Keeps the state of all stores at a few instants. Requests that arrive at once share one pass; while the next one is
 * being made they are answered with the last one, unless that is old. One pass runs at a time.
 */
export class FreshSnapshots {
  private readonly logger = new Logger(FreshSnapshots.name);
  /** By instant, null for the present; the one that was asked for last is the last one. */
  private readonly kept = new Map<number | null, Kept>();
  private readonly coming = new Map<number | null, Promise<StatusSnapshot>>();
  private turn: Promise<unknown> = Promise.resolve();
  /** Passes that began before the last `forget` are kept by nobody. */
  private forgotten = 0;
  private eraLookedAt = Number.NEGATIVE_INFINITY;
  private eraLook: Promise<void> | null = null;

  constructor(
    private readonly source: SnapshotSource,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * @param atUs null: at the newest poll
   * @throws Problem 503 where too many other instants are asked for at once
   */
  async get(atUs: number | null): Promise<StatusSnapshot> {
    const look = this.lookAtEra();
    if (look !== null) await look;
    const kept = this.kept.get(atUs);
    if (kept === undefined) return this.refresh(atUs, null);
    this.kept.delete(atUs);
    this.kept.set(atUs, kept);
    const late = this.now() - kept.freshUntil;
    if (late < 0) return kept.snapshot;
    const next = this.refresh(atUs, kept);
    if (late > Math.max(LEAST_GRACE_MS, 2 * kept.tookMs)) return next;
    next.catch((error: unknown) =>
      this.logger.warn(`The state of the stores could not be looked at again: ${String(error)}`),
    );
    return kept.snapshot;
  }

  /** For facts that were exchanged: whoever asks from now on gets a pass that began after it. */
  forget(): void {
    this.forgotten += 1;
    this.kept.clear();
    this.coming.clear();
  }

  /** Null: what is kept was looked after a moment ago. A change of era is no matter of a while: nothing of it is true. */
  private lookAtEra(): Promise<void> | null {
    if (this.eraLook !== null) return this.eraLook;
    const now = this.now();
    if (this.kept.size === 0 || now - this.eraLookedAt < ERA_LOOK_MS) return null;
    this.eraLook = this.forgetOtherEras().finally(() => {
      this.eraLookedAt = now;
      this.eraLook = null;
    });
    return this.eraLook;
  }

  private async forgetOtherEras(): Promise<void> {
    try {
      const era = await this.source.era();
      if ([...this.kept.values()].some(({ snapshot }) => snapshot.era !== era)) this.forget();
    } catch (error) {
      this.logger.warn(`The era of the facts could not be looked at: ${String(error)}`);
    }
  }

  private refresh(atUs: number | null, former: Kept | null): Promise<StatusSnapshot> {
    const coming = this.coming.get(atUs);
    if (coming !== undefined) return coming;
    if (this.coming.size >= MOST_WAITING) return Promise.reject(tooManyInstants());
    const next = this.turn
      .then(() => this.make(atUs, former))
      .finally(() => {
        if (this.coming.get(atUs) === next) this.coming.delete(atUs);
      });
    this.coming.set(atUs, next);
    this.turn = next.catch(() => undefined);
    return next;
  }

  private async make(atUs: number | null, former: Kept | null): Promise<StatusSnapshot> {
    const begun = this.now();
    const { forgotten } = this;
    if (former !== null && this.holds(former) && (await this.source.isUnchanged(former.snapshot))) {
      former.freshUntil = this.now() + LEAST_REST_MS;
      return former.snapshot;
    }
    const snapshot = await this.source.read(atUs);
    const madeAt = this.now();
    const tookMs = madeAt - begun;
    const restMs = Math.max(LEAST_REST_MS, tookMs / MOST_SHARE);
    if (forgotten !== this.forgotten) return snapshot;
    this.kept.delete(atUs);
    this.kept.set(atUs, { snapshot, madeAt, tookMs, freshUntil: madeAt + restMs });
    this.forgetOldest();
    return snapshot;
  }

  private holds({ madeAt }: Kept): boolean {
    return this.now() - madeAt < MOST_AGE_MS;
  }

  private forgetOldest(): void {
    const instants = [...this.kept.keys()].filter((atUs) => atUs !== null);
    for (const atUs of instants.slice(0, -MOST_INSTANTS)) this.kept.delete(atUs);
  }
}

function tooManyInstants(): Problem {
  return new Problem(
    503,
    'too_many_instants',
    `${MOST_WAITING} other instants are being looked at, each in a pass over all stores. Ask again in a few seconds.`,
  );
}
