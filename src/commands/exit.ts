import { EnvironmentError } from '../platform/environment.js';
import { Problem } from '../platform/problem.js';

/** What the exit code tells: it worked, it failed, it was called wrongly, it can't be configured so, it was stopped. */
export const EXIT = { done: 0, failed: 1, usage: 2, configuration: 78, interrupted: 130 } as const;

/** How long a failed command may take to end by itself. */
const GRACE_MS = 2_000;

/** A command that can't go on, for a reason that one sentence tells. */
export class CommandFailure extends Error {
  constructor(
    sentence: string,
    readonly exitCode: number = EXIT.failed,
  ) {
    super(sentence);
    this.name = 'CommandFailure';
  }
}

/** Runs a command; a failure becomes a sentence on stderr and the exit code. Only what nobody foresaw has a stack. */
export async function endWith(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = exitCodeOf(error);
    // A start that broke off half-way may have left connections open that nobody will close.
    setTimeout(() => process.exit(), GRACE_MS).unref();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailure) return error.exitCode;
  return error instanceof EnvironmentError ? EXIT.configuration : EXIT.failed;
}

function describe(error: unknown): string {
  if (error instanceof CommandFailure || error instanceof EnvironmentError || error instanceof Problem)
    return error.message;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  // Errors of the system and of the database carry a code and say what they are; a stack would only bury it.
  return code === undefined ? (stack ?? String(error)) : `${message || 'It failed'} (${code})`;
}
