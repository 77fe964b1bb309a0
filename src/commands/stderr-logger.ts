import { ConsoleLogger, type LogLevel } from '@nestjs/common';

/** Warnings and errors of the application on stderr, so that a command's stdout holds its result alone. */
export class StderrLogger extends ConsoleLogger {
  constructor() {
    super({ logLevels: ['warn', 'error', 'fatal'] });
  }

  protected override printMessages(messages: unknown[], context?: string, level?: LogLevel): void {
    super.printMessages(messages, context, level, 'stderr');
  }
}
