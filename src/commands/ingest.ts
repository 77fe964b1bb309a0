import path from 'node:path';
import { ImportsService } from '../ingestion/index.js';
import { loadEnvironment } from '../platform/environment.js';
import { withApplication } from './application.js';
import { CommandFailure } from './exit.js';
import { firstRejects, followImport, summaryOf } from './follow.js';
import { Progress } from './progress.js';

/** Loads the CSV files of a folder; what became of each file goes to stdout. */
export async function ingest(directory: string | undefined): Promise<void> {
  const loaded = loadEnvironment();
  const environment = {
    ...loaded,
    dataDir: directory === undefined ? loaded.dataDir : path.resolve(directory),
  };
  const progress = new Progress(process.stderr);
  await withApplication(
    environment,
    (line) => progress.say(line),
    async (app) => {
      const imports = app.get(ImportsService);
      const accepted = await imports.request('directory');
      const ended = await followImport(imports, accepted.id, (step) => progress.show(step));
      progress.clear();
      for (const line of summaryOf(ended)) process.stdout.write(`${line}\n`);
      for (const line of await firstRejects(imports, ended)) progress.say(line);
      if (ended.status !== 'completed')
        throw new CommandFailure(ended.error ?? `The import is ${ended.status}.`);
    },
  );
}
