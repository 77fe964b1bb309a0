import type { Policy } from '../availability/index.js';
import { loadEnvironment } from '../platform/environment.js';
import { ReportsService, type TriggerReport } from '../reports/index.js';
import { withApplication } from './application.js';
import { CommandFailure, EXIT } from './exit.js';
import { followReport } from './follow.js';
import { Progress } from './progress.js';

/** What a caller may choose for a report. */
export interface ReportCommandOptions {
  asOf?: string;
  windows?: Policy['windows'];
  unobserved?: Policy['unobserved'];
  estimator?: Policy['estimator'];
}

/** What `storewatch report` takes. */
export interface ReportOptions extends ReportCommandOptions {
  label?: string;
  format: string;
}

/** The options as the service takes them. */
export function requestOf({ asOf, windows, unobserved, estimator }: ReportCommandOptions): TriggerReport {
  return {
    ...(asOf !== undefined && { as_of: asOf }),
    ...(windows !== undefined && { windows }),
    ...(unobserved !== undefined && { unobserved }),
    ...(estimator !== undefined && { estimator }),
  };
}

/** Makes a report from what the database holds; the path of its file goes to stdout. */
export async function report(options: ReportOptions): Promise<void> {
  const format = options.format;
  if (format !== 'csv' && format !== 'json')
    throw new CommandFailure(`--format is '${format}'; there are csv and json.`, EXIT.usage);
  const progress = new Progress(process.stderr);
  await withApplication(
    loadEnvironment(),
    (line) => progress.say(line),
    async (app) => {
      const reports = app.get(ReportsService);
      const request = { ...requestOf(options), ...(options.label !== undefined && { label: options.label }) };
      const ended = await followReport(reports, (await reports.trigger(request)).id, (step) =>
        progress.show(step),
      );
      progress.clear();
      if (ended.status !== 'completed')
        throw new CommandFailure(ended.error ?? `The report is ${ended.status}.`);
      progress.say(`${ended.stores} stores as of ${ended.as_of}`);
      process.stdout.write(`${await reports.pathOf(ended.id, format)}\n`);
    },
  );
}
