import { createHmac } from 'node:crypto';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../platform/environment.js';
import { Problem } from '../../platform/problem.js';
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

  private open(): string {
    try {
      return this.use(readOrMakeSecret(this.environment.userIdSecretFile));
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
