import type { INestApplicationContext } from '@nestjs/common';
import { ImportsService } from '../ingestion/index.js';
import { WorkQueue } from '../platform/queue/work-queue.js';
import { ReportsService } from '../reports/index.js';
import { followImport, followReport, summaryOf } from './follow.js';

/** On an empty database: loads the CSVs of the data folder, or the sample, and makes a first report. */
export async function firstRun(app: INestApplicationContext, log: (line: string) => void): Promise<void> {
  const imports = app.get(ImportsService);
  const reports = app.get(ReportsService);
  if (!(await imports.isFirst())) return;
  const { directory, files } = await imports.folder();
  const source = files.length > 0 ? 'directory' : 'sample';
  log(
    `The database is empty: loading ${source === 'sample' ? 'the sample in data/sample' : `the CSV files in ${directory}`}.`,
  );
  await warnWithoutWorkers(app.get(WorkQueue), log);
  const accepted = await imports.request(source);
  const loaded = await followImport(imports, accepted.id, () => undefined);
  for (const line of summaryOf(loaded)) log(line);
  const report = await reports.trigger({ label: 'First report' });
  const ended = await followReport(reports, report.id, () => undefined);
  if (ended.status === 'completed') {
    log(
      `First report: ${ended.stores?.toLocaleString('en')} stores as of ${ended.as_of}, in ${await reports.pathOf(ended.id, 'csv')}`,
    );
  } else {
    log(`The first report failed: ${ended.error}`);
  }
}

/** With a queue the server leaves the work to workers; without one it would seem to hang. */
async function warnWithoutWorkers(queue: WorkQueue, log: (line: string) => void): Promise<void> {
  if (queue.mode() !== 'queue' || (await queue.workers('ingestion')) > 0) return;
  log(
    'It waits for a worker, since Redis is named and none is there. Start one: npm run -s storewatch -- worker',
  );
}
