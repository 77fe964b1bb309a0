import { ConsoleLogger, type LogLevel } from '@nestjs/common';

/** What the framework tells of its own start: a hundred lines before the one that says where the server is. */
const FRAMEWORK = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
  'BullExplorer',
]);

/** The log of a process that stays. */
export class ServerLogger extends ConsoleLogger {
  constructor() {
    super('Storewatch', {
      logLevels: ['log', 'warn', 'error', 'fatal'],
      colors: process.stdout.isTTY === true,
    });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && FRAMEWORK.has(context)) return;
    super.log(message, ...(rest as [string]));
  }
}

/** Warnings and errors of the application on stderr, so that a command's stdout holds its result alone. */
export class StderrLogger extends ConsoleLogger {
  constructor() {
    super({ logLevels: ['warn', 'error', 'fatal'], colors: process.stderr.isTTY === true });
  }

  protected override printMessages(messages: unknown[], context?: string, level?: LogLevel): void {
    super.printMessages(messages, context, level, 'stderr');
  }
}
