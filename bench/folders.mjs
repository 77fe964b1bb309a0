import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const FILES = { polls: ['store_status.csv'], hoursAndZones: ['menu_hours.csv', 'timezone.csv'] };

/**
 * Takes a data folder apart, by links: the polls alone, so that their load can be timed alone, and the rest.
 *
 * @throws when one of the three files is missing
 */
export function splitFolder(dataFolder, scratch) {
  const missing = Object.values(FILES)
    .flat()
    .filter((name) => !existsSync(path.join(dataFolder, name)));
  if (missing.length > 0) throw new Error(`${dataFolder} has no ${missing.join(', ')}.`);
  const split = {};
  for (const [part, names] of Object.entries(FILES)) {
    split[part] = path.join(scratch, `${path.basename(dataFolder)}-${part}`);
    mkdirSync(split[part], { recursive: true });
    for (const name of names) symlinkSync(path.resolve(dataFolder, name), path.join(split[part], name));
  }
  return split;
}
