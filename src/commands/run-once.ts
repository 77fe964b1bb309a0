import { constants } from 'node:fs';
import { access, copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { ImportsService } from '../ingestion/index.js';
import { loadEnvironment } from '../platform/environment.js';
import { ReportsService, type TriggerReport } from '../reports/index.js';
import { withApplication } from './application.js';
import { CommandFailure } from './exit.js';
import { firstRejects, followImport, followReport, summaryOf } from './follow.js';
import { Progress } from './progress.js';
import { type ReportCommandOptions, requestOf } from './report.js';
import { makeFolder, removeAbandonedFolders, removeFolder } from './run-folder.js';

export interface RunOptions extends ReportCommandOptions {
  data: string;
  out: string;
}

/** A database that lives for one run may lose everything in a power cut. */
const THROWN_AWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** From three files to a report, with nothing kept but the report. */
export async function runOnce(options: RunOptions): Promise<void> {
  const progress = new Progress(process.stderr);
  await makeOutput(path.resolve(options.out));
  await removeAbandonedFolders();
  const folder = await makeFolder();
  const environment = {
    ...loadEnvironment(),
    databaseUrl: null,
    databaseDir: path.join(folder, 'db'),
    dataDir: path.resolve(options.data),
    reportsDir: path.join(folder, 'reports'),
    s3: null,
  };
  try {
    await withApplication(
      environment,
      () => undefined,
      (app) => makeReport(app, options, progress),
      { settings: THROWN_AWAY },
    );
  } finally {
    progress.clear();
    await removeFolder(folder);
  }
}

/** Looked at first: a report that can't be put anywhere need not be computed. */
async function makeOutput(out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true });
    await access(out, constants.W_OK);
  } catch (error) {
    throw new CommandFailure(
      `--out: the folder ${out} can't be written (${(error as Error).message}). Name another one.`,
    );
  }
}

async function makeReport(
  app: INestApplicationContext,
  options: RunOptions,
  progress: Progress,
): Promise<void> {
  await load(app.get(ImportsService), progress);
  const reports = app.get(ReportsService);
  const request: TriggerReport = requestOf(options);
  const ended = await followReport(reports, (await reports.trigger(request)).id, (step) =>
    progress.show(step),
  );
  if (ended.status !== 'completed') throw new CommandFailure(ended.error ?? `The report is ${ended.status}.`);
  progress.clear();
  const out = path.resolve(options.out);
  for (const format of ['csv', 'json'] as const) {
    const target = path.join(out, `report.${format}`);
    await copyFile(await reports.pathOf(ended.id, format), target);
    process.stdout.write(`${target}\n`);
  }
  progress.say(`${ended.stores} stores as of ${ended.as_of}`);
}

/** A file that was refused would quietly change every figure, so there is no report without it. */
async function load(imports: ImportsService, progress: Progress): Promise<void> {
  const accepted = await imports.request('directory');
  const loaded = await followImport(imports, accepted.id, (step) => progress.show(step));
  for (const line of [...summaryOf(loaded), ...(await firstRejects(imports, loaded))]) progress.say(line);
  if (loaded.status !== 'completed')
    throw new CommandFailure(`No report: the import is ${loaded.status}. ${loaded.error ?? ''}`.trim());
}
