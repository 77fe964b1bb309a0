import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Chores } from '../chores.js';
import { waitFor } from '../wait.js';
import { within } from '../within.js';
import { type FirstUse, isOther, type KeptAnswer, type KeyState, type SentKey } from './idempotency-key.js';

const KEPT_HOURS = 24;
const FORGET_EVERY_MS = 10 * 60_000;
/** A process that dies frees its keys after so long; one at work says again and again that it lives. */
const LEASE_SECONDS = 15;
const RENEWAL_MS = 5_000;

interface KeyRow {
  fingerprint: string | null;
  status: number | null;
  headers: Record<string, string> | null;
  body: string | null;
}

/** A first use in this process: whoever comes after it waits here, and not one by one at the database. */
interface LocalUse {
  fingerprint: string | null;
  /** Null: nothing came of it. */
  settled: Promise<KeptAnswer | null>;
}

/** Remembers for a day which request had which key, and what it was answered. */
@Injectable()
export class IdempotencyKeys implements OnModuleInit {
  private readonly logger = new Logger(IdempotencyKeys.name);
  private readonly local = new Map<string, LocalUse>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    this.chores.register({
      name: 'Forgetting idempotency keys',
      everyMs: FORGET_EVERY_MS,
      run: () => this.forget(),
    });
  }

  /** Is the first with the key, or learns what the first was answered, for which it waits so long. */
  async take(sent: SentKey, waitMs: number): Promise<KeyState> {
    const name = `${sent.scope} ${sent.key}`;
    const end = performance.now() + waitMs;
    for (;;) {
      const left = Math.max(0, end - performance.now());
      const before = this.local.get(name);
      if (before === undefined) return this.takeHere(name, sent, left);
      // Another body is refused at once: no answer that comes could be its.
      if (isOther(sent.fingerprint, before.fingerprint)) return running(before);
      const answer = await within(left, before.settled);
      if (answer === undefined) return running(before);
      if (answer !== null) return { state: 'answered', answer };
    }
  }

  /** Removes what is older than a day. */
  async forget(): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM idempotency_keys
        WHERE created_at < clock_timestamp() - make_interval(hours => $1) AND lease_until < clock_timestamp()`,
      [KEPT_HOURS],
    );
  }

  /** As `take`, for the only one of this process who asks for the key. */
  private async takeHere(name: string, sent: SentKey, waitMs: number): Promise<KeyState> {
    let settle: (answer: KeptAnswer | null) => void = () => undefined;
    const settled = new Promise<KeptAnswer | null>((resolve) => (settle = resolve));
    this.local.set(name, { fingerprint: sent.fingerprint, settled });
    const end = (answer: KeptAnswer | null): void => {
      this.local.delete(name);
      settle(answer);
    };
    try {
      const found = await waitFor(() => this.look(sent, end), waitMs);
      if (found?.state !== 'first') end(found?.state === 'answered' ? found.answer : null);
      return found ?? { state: 'running', fingerprint: null };
    } catch (error) {
      end(null);
      throw error;
    }
  }

  /** @returns null while another process is at work with the key. */
  private async look(sent: SentKey, settle: (answer: KeptAnswer | null) => void): Promise<KeyState | null> {
    const token = randomUUID();
    const taken: unknown[] = await this.dataSource.query(
      `INSERT INTO idempotency_keys AS k (scope, key, fingerprint, token, lease_until)
       VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
       ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE
          SET fingerprint = excluded.fingerprint, status = NULL, headers = NULL, body = NULL, token = excluded.token,
              lease_until = excluded.lease_until, created_at = clock_timestamp()
        WHERE k.lease_until < clock_timestamp()
          AND (k.status IS NULL OR k.created_at < clock_timestamp() - make_interval(hours => $6))
       RETURNING token`,
      [sent.scope, sent.key, sent.fingerprint, token, LEASE_SECONDS, KEPT_HOURS],
    );
    if (taken.length > 0) return { state: 'first', use: this.hold(sent, token, settle) };
    const [row]: KeyRow[] = await this.dataSource.query(
      'SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE scope = $1 AND key = $2',
      [sent.scope, sent.key],
    );
    // It was freed between the two.
    if (row === undefined) return null;
    if (row.status === null) return isOther(sent.fingerprint, row.fingerprint) ? running(row) : null;
    const { fingerprint, status, headers, body } = row;
    return {
      state: 'answered',
      answer: { fingerprint: fingerprint ?? '', status, headers: headers ?? {}, body },
    };
  }

  private hold(sent: SentKey, token: string, settle: (answer: KeptAnswer | null) => void): FirstUse {
    const timer = setInterval(() => void this.renew(sent, token), RENEWAL_MS);
    timer.unref();
    const own = [sent.scope, sent.key, token];
    const end = async (answer: KeptAnswer | null, write: () => Promise<unknown>): Promise<void> => {
      clearInterval(timer);
      try {
        await write();
      } catch (error) {
        // What was done stays done, and is answered. The key is free again when its lease ends.
        this.logger.warn(`What became of the key of ${sent.scope} could not be kept: ${String(error)}`);
      }
      settle(answer);
    };
    return {
      sent,
      keep: (answer) =>
        end(answer, () =>
          this.dataSource.query(
            `UPDATE idempotency_keys
                SET fingerprint = $4, status = $5, headers = $6, body = $7, lease_until = clock_timestamp()
              WHERE scope = $1 AND key = $2 AND token = $3`,
            [...own, answer.fingerprint, answer.status, JSON.stringify(answer.headers), answer.body],
          ),
        ),
      free: () =>
        end(null, () =>
          this.dataSource.query(
            'DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2 AND token = $3',
            own,
          ),
        ),
    };
  }

  private async renew(sent: SentKey, token: string): Promise<void> {
    try {
      await this.dataSource.query(
        `UPDATE idempotency_keys SET lease_until = clock_timestamp() + make_interval(secs => $4)
          WHERE scope = $1 AND key = $2 AND token = $3 AND status IS NULL`,
        [sent.scope, sent.key, token, LEASE_SECONDS],
      );
    } catch (error) {
      this.logger.warn(`The key of ${sent.scope} could not be held: ${String(error)}`);
    }
  }
}

function running({ fingerprint }: { fingerprint: string | null }): KeyState {
  return { state: 'running', fingerprint };
}
