import { FILE_NAMES } from './file-kind.js';
import { Problem } from '../platform/problem.js';

/** There is no file to load where files were looked for. */
export class NothingToImport extends Problem {
  constructor(readonly directory: string) {
    super(
      400,
      'nothing_to_import',
      `There is nothing to load: the folder ${directory} holds none of ${Object.values(FILE_NAMES).join(', ')}. Put at least one of them there.`,
    );
    this.name = 'NothingToImport';
  }
}
