import type { INestApplicationContext } from '@nestjs/common';
import { ImportsService } from '../ingestion/index.js';
import { ReportsService } from '../reports/index.js';
import { followImport, followReport, summaryOf } from './follow.js';

/** On an empty database: loads the CSVs of the data folder, or the sample, and makes a first report. */
export async function firstRun(app: INestApplicationContext, log: (line: string) => void): Promise<void> {
  const imports = app.get(ImportsService);
  const reports = app.get(ReportsService);
  if (!(await imports.isFirst())) return;
  const source = (await imports.folder()).files.length > 0 ? 'directory' : 'sample';
  log(
    `The database is empty: loading ${source === 'sample' ? 'the sample in data/sample' : 'the CSV files in data/'}.`,
  );
  const accepted = await imports.request(source);
  const loaded = await followImport(imports, accepted.id, () => undefined);
  for (const line of summaryOf(loaded)) log(line);
  const report = await reports.trigger({ label: 'First report' });
  const ended = await followReport(reports, report.id, () => undefined);
  if (ended.status === 'completed') {
    log(`First report: ${ended.stores} stores as of ${ended.as_of}, in ${reports.pathOf(ended.id, 'csv')}`);
  } else {
    log(`The first report failed: ${ended.error}`);
  }
}
