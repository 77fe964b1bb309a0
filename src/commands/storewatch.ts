import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ESTIMATORS, UNOBSERVED_WAYS, WINDOW_MODES, type Policy } from '../availability/index.js';
import { parseInstantUs } from '../platform/instant.js';
import { type QueueName, QUEUES, WORKLOAD_NAMES, WORKLOADS } from '../platform/queue/queues.js';
import type { WorkerOptions } from '../worker.module.js';
import type { DoctorOptions } from './doctor.js';
import { EXIT, endWith } from './exit.js';
import type { MigrateOptions } from './migrate.js';
import type { SampleOptions } from './movements.js';
import type { ReportOptions } from './report.js';
import type { RunOptions } from './run-once.js';
import type { ServeOptions } from './serve.js';

// A command is loaded when it is called: with the whole application behind it, a mistyped option would be told a second
// later.

/** Runs one command line; sets the process's exit code: 0 done, 1 failed, 2 called wrongly, 78 configured wrongly. */
export async function storewatch(argv: readonly string[]): Promise<void> {
  await endWith(async () => {
    try {
      await program().parseAsync(argv, { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      // Commander has said what is wrong. Asking for help is no mistake.
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
  });
}

function program(): Command {
  const root = new Command('storewatch')
    .description('How long every store was really open for business while it should have been.')
    .exitOverride()
    .showHelpAfterError('(storewatch --help tells more)')
    .addHelpText(
      'after',
      `
In a checkout: npm run -s storewatch -- COMMAND

Examples:
  storewatch run --data data/sample --out /tmp/report      one report from three CSV files, nothing kept
  storewatch serve                                         the API, Swagger and the first page
  storewatch ingest data/ && storewatch report             load into the database, report from it
  storewatch run --data data --out out --as-of 2023-03-14T18:00:00Z --windows calendar

Exit codes: 0 done, 1 failed, 2 called wrongly, 78 configured wrongly, 130 stopped.`,
    );
  addRun(root);
  addServe(root);
  addWorker(root);
  addData(root);
  addMovements(root);
  addReport(root);
  return root;
}

function addRun(root: Command): void {
  withReportOptions(
    root
      .command('run')
      .description(
        'Load a folder into a database that is thrown away, write report.csv and report.json, and exit',
      )
      .requiredOption('--data <dir>', 'folder with store_status.csv, menu_hours.csv and timezone.csv')
      .requiredOption('--out <dir>', 'folder for report.csv and report.json'),
  ).action(async (options: RunOptions) => (await import('./run-once.js')).runOnce(options));
}

function addServe(root: Command): void {
  root
    .command('serve')
    .description('Serve the API, Swagger and the first page')
    .option('--port <number>', 'port to listen on (default: PORT, or 8000)', wholeNumber(0, 65_535))
    .option('--first-run', 'on an empty database: load the CSVs at hand and make a first report', false)
    .action(async (options: ServeOptions) => (await import('./serve.js')).serve(options));
}

function addWorker(root: Command): void {
  root
    .command('worker')
    .description('Take work from the queues (needs REDIS_URL)')
    .addOption(
      new Option('--queues <names>', `which queues, of ${WORKLOAD_NAMES.join(',')}`)
        .argParser(queueNames)
        .default([...QUEUES], 'all'),
    )
    .option('--concurrency <number>', 'jobs of one queue at once', wholeNumber(1, 64), 1)
    .action(async (options: WorkerOptions) => (await import('./work.js')).work(options));
}

function addData(root: Command): void {
  root
    .command('migrate')
    .description('Bring the database up to this version')
    .option('--distribute', 'lay the large tables over the nodes of a PostgreSQL with Citus', false)
    .action(async (options: MigrateOptions) => (await import('./migrate.js')).migrateDatabase(options));
  root
    .command('ingest')
    .description('Load the CSV files of a folder into the database')
    .argument('[dir]', 'the folder (default: DATA_DIR, or data/)')
    .action(async (directory: string | undefined) => (await import('./ingest.js')).ingest(directory));
  root
    .command('doctor')
    .description('Check the machine and the configuration, and say what to do')
    .option('--database', 'only the database', false)
    .option('--redis', 'only Redis', false)
    .option('--queue', 'only the queue: whether a worker answers, and how fast', false)
    .option('--all', 'everything, the queue too', false)
    .action(async (options: DoctorOptions) => (await import('./doctor.js')).doctor(options));
}

function addMovements(root: Command): void {
  const movements = root
    .command('movements')
    .description('Movement logs: try them out, and store what waits');
  movements
    .command('sample')
    .description('Add events as the cameras of a store send them')
    .option('--count <number>', 'how many', wholeNumber(1, 10_000), 100)
    .option('--store <name>', 'id, name or alias of the store', storeName, 'Sample store')
    .action(async (options: SampleOptions) => (await import('./movements.js')).addSample(options));
  movements
    .command('process')
    .description('Store what waits in Redis now')
    .action(async () => (await import('./movements.js')).processWaiting());
}

function addReport(root: Command): void {
  withReportOptions(
    root
      .command('report')
      .description('Make a report from the database; its path is the only line on stdout')
      .option('--label <text>', 'a name for people')
      .option('--format <format>', 'which file to tell the path of: csv or json', 'csv'),
  ).action(async (options: ReportOptions) => (await import('./report.js')).report(options));
}

function withReportOptions(command: Command): Command {
  return command
    .option(
      '--as-of <instant>',
      'nothing after it is known, e.g. 2023-03-14T18:00:00Z (default: the newest poll)',
      instant,
    )
    .addOption(
      choice<Policy['windows']>('--windows <mode>', 'last 24 and 168 hours, or local dates', WINDOW_MODES),
    )
    .addOption(
      choice<Policy['unobserved']>(
        '--unobserved <way>',
        'what open time without any poll counts as',
        UNOBSERVED_WAYS,
      ),
    )
    .addOption(
      choice<Policy['estimator']>(
        '--estimator <name>',
        'a poll holds until the next, or the nearest decides',
        ESTIMATORS,
      ),
    );
}

function choice<T extends string>(flags: string, description: string, allowed: readonly T[]): Option {
  return new Option(flags, description).choices(allowed);
}

function instant(text: string): string {
  if (parseInstantUs(text) === null) {
    throw new InvalidArgumentError('It has to be an instant with its zone, such as 2023-03-14T18:00:00Z.');
  }
  return text;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It has to be a whole number from ${least} to ${most}.`);
  };
}

function storeName(text: string): string {
  if (text.trim() !== '' && text.length <= 200) return text;
  throw new InvalidArgumentError('It has to be text of 1 to 200 characters.');
}

/** A worker that takes on reports takes on all that belongs to them. */
function queueNames(text: string): QueueName[] {
  return text.split(',').flatMap((name) => {
    const found = WORKLOAD_NAMES.find((workload) => workload === name.trim());
    if (found === undefined)
      throw new InvalidArgumentError(`There are the queues ${WORKLOAD_NAMES.join(', ')}.`);
    return WORKLOADS[found];
  });
}
