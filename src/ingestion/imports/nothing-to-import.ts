import { existsSync } from 'node:fs';
import { FILE_NAMES } from '../file-kind.js';
import { Problem } from '../../platform/problem.js';

/** There is no file to load where files were looked for. */
export class NothingToImport extends Problem {
  constructor(readonly directory: string) {
    super(400, 'nothing_to_import', `There is nothing to load: ${whatIsMissing(directory)}`);
    this.name = 'NothingToImport';
  }
}

function whatIsMissing(directory: string): string {
  const names = Object.values(FILE_NAMES).join(', ');
  return existsSync(directory)
    ? `the folder ${directory} holds none of ${names}. Put at least one of them there.`
    : `the folder ${directory} does not exist. Make it, and put at least one of ${names} there.`;
}
