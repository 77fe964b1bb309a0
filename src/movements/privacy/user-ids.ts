import { createHmac } from 'node:crypto';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../platform/environment.js';
import { Problem } from '../../platform/problem.js';
import { Person } from './person.js';
import { readOrMakeSecret, readSecret, type Secret, SecretFileError } from './secret-file.js';

/**
 * What is kept of a person's id: its HMAC-SHA-256 under a secret of this installation, as 64 hexadecimal digits. The
 * same person has the same hash everywhere, and nobody without the secret can try ids out. Where hashing is off, the id.
 */
@Injectable()
export class UserIds implements OnModuleInit {
  private readonly logger = new Logger(UserIds.name);
  private secret: string | null = null;

  constructor(private readonly environment: Environment) {}

  /** Tells of a file that can't be used as early as possible; the rest of the product works without it. */
  onModuleInit(): void {
    if (!this.environment.hashUserIds) return;
    try {
      const secret = readSecret(this.environment.userIdSecretFile);
      if (secret !== null) this.use(secret);
    } catch (error) {
      if (!(error instanceof SecretFileError)) throw error;
      this.logger.error(`Movement events are refused: ${error.message}`);
    }
  }

  /**
   * The id as it is kept and answered.
   *
   * @param userId as the client knows the person.
   * @throws Problem 503 when the secret can be neither read nor made: an id is never kept plain because of that.
   */
  keep(userId: string): string {
    if (!this.environment.hashUserIds) return userId;
    this.secret ??= this.open();
    return createHmac('sha256', this.secret).update(userId).digest('hex');
  }

  /**
   * Somebody with all ids that may stand for them: that under which they are named, which may be a hash that was shown,
   * and its hash, also where hashing was on once and is off now.
   *
   * @throws Problem 503 as `keep`.
   */
  person(userId: string): Person {
    return new Person(userId, (id) => this.hashOf(id) ?? id);
  }

  /** @returns null where there is no secret, and so never was a hash. */
  private hashOf(userId: string): string | null {
    if (this.environment.hashUserIds) return this.keep(userId);
    this.secret ??= this.known();
    return this.secret === null ? null : createHmac('sha256', this.secret).update(userId).digest('hex');
  }

  private known(): string | null {
    const secret = this.orRefuse(() => readSecret(this.environment.userIdSecretFile));
    return secret === null ? null : this.use(secret);
  }

  private open(): string {
    return this.use(this.orRefuse(() => readOrMakeSecret(this.environment.userIdSecretFile)));
  }

  private orRefuse<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SecretFileError)) throw error;
      this.logger.error(error.message);
      throw new Problem(
        503,
        'no_secret',
        "People's ids can't be hashed, since the secret for that can't be used; so nothing was kept. The log of the server says why.",
      );
    }
  }

  private use({ text, open }: Secret): string {
    if (open)
      this.logger.warn(
        `${this.environment.userIdSecretFile} can be read or changed by other users of this machine: whoever has it can find out who is behind a hash. chmod 600 it.`,
      );
    this.secret = text;
    return text;
  }
}
