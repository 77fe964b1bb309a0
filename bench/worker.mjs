// The product's side of a measurement, in a process of its own: one piece of work, then one line of JSON.
//
//   DATABASE_URL=… DATA_DIR=…    node worker.mjs load      the files of the data folder: {seconds, read}
//   DATABASE_URL=… REPORTS_DIR=… node worker.mjs report    a report of everything loaded: {seconds, csv}
//
// The seconds go from the request to its end, as the product's own rows say; starting the process is not in them.
import '../dist/platform/utc.js';
import { NestFactory } from '@nestjs/core';
import { FeaturesModule } from '../dist/features.module.js';
import { ImportsService } from '../dist/ingestion/index.js';
import { readEnvironment } from '../dist/platform/environment.js';
import { ReportsService } from '../dist/reports/index.js';

const LONGEST_S = 3_600;

async function load(context) {
  const imports = context.get(ImportsService, { strict: false });
  const { id } = await imports.requestDirectory();
  const ended = await imports.findEnded(id, LONGEST_S);
  requireCompleted('load', ended);
  const read = ended.files.reduce((sum, file) => sum + file.read, 0);
  return { seconds: secondsBetween(ended.accepted_at, ended.completed_at), read };
}

async function report(context) {
  const reports = context.get(ReportsService, { strict: false });
  const { id } = await reports.trigger({});
  const ended = await reports.findEnded(id, LONGEST_S);
  requireCompleted('report', ended);
  return {
    seconds: secondsBetween(ended.created_at, ended.completed_at),
    csv: await reports.pathOf(id, 'csv'),
  };
}

function requireCompleted(work, ended) {
  if (ended.status !== 'completed')
    throw new Error(`The ${work} is ${ended.status}: ${JSON.stringify(ended)}`);
}

const secondsBetween = (start, end) => (Date.parse(end) - Date.parse(start)) / 1e3;

const environment = readEnvironment(process.env);
const context = await NestFactory.createApplicationContext(
  FeaturesModule.forRoot({ environment, databaseUrl: environment.databaseUrl, role: 'producer' }),
  { logger: ['error', 'warn'], abortOnError: false },
);
try {
  const result = await { load, report }[process.argv[2]](context);
  console.log(JSON.stringify(result));
} finally {
  await context.close();
}
