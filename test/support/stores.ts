import { rm } from 'node:fs/promises';
import { Clock } from '../../src/platform/clock.js';
import type { ImportView } from '../../src/ingestion/imports/import.view.js';
import type { TestApi } from './application.js';

export const STORES = '/api/v1/stores';

/** Of `TWO_STORES`: 09:00 to 17:00 in New York, up from 15:00:00.5Z, down from 17:00Z on 2023-01-18. */
export const STORE = '8419537941919820732';

/** The address of a store, or of what is below it. */
export function urlOf(id: string, rest = ''): string {
  return `${STORES}/${encodeURIComponent(id)}${rest}`;
}

/** The same window on all seven days. */
export function weekly(start: string, end: string): object[] {
  return [0, 1, 2, 3, 4, 5, 6].map((day) => ({ day, start, end }));
}

/** The application's clock stands still until `jest.restoreAllMocks()`. */
export function holdClock(api: TestApi, instant: string): void {
  jest.spyOn(api.app.get(Clock), 'nowUs').mockReturnValue(Date.parse(instant) * 1000);
}

let loads = 0;

/**
 * Loads files, and these alone, from the data folder, and waits until they are loaded. Empty lines at their ends make
 * them other files than those of the load before.
 */
export async function loadFiles(api: TestApi, files: Readonly<Record<string, string>>): Promise<ImportView> {
  loads += 1;
  await rm(api.environment.dataDir, { recursive: true, force: true });
  await api.putData(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text + '\n'.repeat(loads)])),
  );
  const { body } = await api.http.post('/api/v1/imports').send({ source: 'directory' }).expect(202);
  const ended = await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
  if (ended.body.status !== 'completed') throw new Error(JSON.stringify(ended.body));
  return ended.body;
}
