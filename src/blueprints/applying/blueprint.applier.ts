import { setImmediate as giveBackEventLoop } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { Clock } from '../../platform/clock.js';
import { Problem } from '../../platform/problem.js';
import type { KeptVersion } from '../blueprint-versions.reader.js';
import { readVersions } from '../blueprint-versions.reader.js';
import { type KeptRevision, MappingReader } from '../mapping/mapping.reader.js';
import { lockMappings } from '../mapping/mapping.writer.js';
import { keysThatExist, storeProblem, type TargetStore } from '../mapping/target-stores.reader.js';
import type { ApplyOptions } from './apply-options.js';
import { type Applied, ApplyRun, nameOfVersion } from './apply-run.js';

/** Asked under the lock of a store, before anything is worked out for it. @throws Problem where it must not be changed. */
type Check = (head: KeptRevision | null, store: TargetStore) => void;

/** Puts versions of blueprints into force. */
@Injectable()
export class BlueprintApplier {
  constructor(
    private readonly mappings: MappingReader,
    private readonly clock: Clock,
  ) {}

  /**
   * Applies a version to stores, within the caller's transaction and under the lock of each store.
   *
   * @param stores each once
   * @param check of the last revision of a store
   * @returns for each store what it comes to, or why it does not; nothing is written for those
   */
  async apply(
    client: pg.PoolClient,
    version: KeptVersion,
    stores: readonly TargetStore[],
    options: ApplyOptions,
    check: Check = () => undefined,
  ): Promise<(Applied | Problem)[]> {
    const keys = stores.map(({ key }) => key);
    const existing = await keysThatExist(client, keys);
    await lockMappings(client, keys);
    const heads = await this.mappings.heads(client, keys);
    const last = await this.mappings.lastNumbers(client, keys);
    const run = new ApplyRun(version, await basesOf(client, heads), options, this.clock.nowUs());
    const done: (Applied | Problem)[] = [];
    for (const store of stores) {
      done.push(
        attempt(() => {
          if (!existing.has(store.key)) throw storeProblem(store.id, 'none');
          const head = heads.get(store.key) ?? null;
          check(head, store);
          return run.plan(store, head, last.get(store.key) ?? 0);
        }),
      );
      // Merging two layouts of a thousand zones takes a fifth of a second: not fifty of them while everybody else waits.
      await giveBackEventLoop();
    }
    if (!options.dryRun) await run.write(client);
    return done;
  }
}

/** The versions last applied, which merges compare with. */
async function basesOf(
  client: pg.PoolClient,
  heads: ReadonlyMap<number, KeptRevision>,
): Promise<Map<string, KeptVersion>> {
  const wanted = new Map(
    [...heads.values()].flatMap(({ blueprint }) =>
      blueprint === null ? [] : [[nameOfVersion(blueprint), blueprint]],
    ),
  );
  const versions = await readVersions(client, [...wanted.values()]);
  return new Map(versions.map((version) => [nameOfVersion(version), version]));
}

function attempt<T>(work: () => T): T | Problem {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
