import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const KEPT_FILES = 5;

/** Removes all but the newest files of the server's log: it starts a new one at 10 MB, and at every start. */
export function pruneLogs(logDirectory: string): void {
  const names = listLogs(logDirectory);
  for (const name of names.slice(0, -KEPT_FILES)) rmSync(path.join(logDirectory, name), { force: true });
}

/** What the server printed before and after its log was open, newest last. */
export function readLogTail(startupLog: string, logDirectory: string): string {
  const newest = listLogs(logDirectory).at(-1);
  const files = [startupLog, ...(newest === undefined ? [] : [path.join(logDirectory, newest)])];
  return files.map((file) => readFileSync(file, 'utf8').slice(-4000)).join('\n');
}

/** Names carry the time they were begun, so their order is their age. */
function listLogs(logDirectory: string): string[] {
  return readdirSync(logDirectory)
    .filter((name) => name.startsWith('server-'))
    .sort();
}
