import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { inTransaction, withConnection } from '../../platform/database/connection.js';
import { requireMatch } from '../../platform/http/entity-tag.js';
import { parseInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { invalid } from '../../stores/invalid.js';
import type { Tagged } from '../../stores/stores.service.js';
import type { ApplyBlueprintDto } from '../blueprint.dto.js';
import type { KeptVersion } from '../blueprint-versions.reader.js';
import { refuseUnusable } from '../blueprint-problems.js';
import { BlueprintsService } from '../blueprints.service.js';
import { tagOfMapping } from '../mapping/mapping-state.js';
import { startProblem } from '../mapping/revision-start.js';
import { DEFAULT_STORE, findStore, findStores, storeProblem } from '../mapping/target-stores.reader.js';
import { type NamedTarget, RolloutsService } from '../rollouts/rollouts.service.js';
import type { RolloutView } from '../rollouts/rollout.view.js';
import { type ApplyView, presentApplied } from './apply.view.js';
import type { ApplyOptions } from './apply-options.js';
import { BlueprintApplier } from './blueprint.applier.js';

/** One store is done at once, many are under way. */
export type ApplyAnswer = { applied: Tagged<ApplyView> } | { rollout: RolloutView };

/** Applies blueprints to stores as callers ask for it. */
@Injectable()
export class ApplyService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly blueprints: BlueprintsService,
    private readonly applier: BlueprintApplier,
    private readonly rollouts: RolloutsService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param ifMatch of the mapping of the one store; null: whatever it is.
   * @throws Problem 400, 404 (the blueprint, the version, the store or all of them), 409 (not active, archived, both
   *   sides changed), 412.
   */
  async apply(id: string, request: ApplyBlueprintDto, ifMatch: string | null): Promise<ApplyAnswer> {
    const { store, store_ids: many } = request;
    if (store !== undefined && many !== undefined)
      throw invalid('/store_ids', 'store and store_ids say both where to apply it: give one of them.');
    const options = optionsOf(request, this.clock.nowUs());
    const rule = startProblem(options.effectiveFromUs, options.askedUs);
    if (rule !== null) throw invalid('/effective_from', `effective_from ${rule}.`);
    const blueprint = await this.blueprints.find(id);
    refuseUnusable(blueprint);
    const version =
      request.version === undefined ? blueprint : await this.blueprints.version(id, request.version);
    if (many === undefined || new Set(many).size === 1)
      return { applied: await this.toOne(version, many?.[0] ?? store ?? DEFAULT_STORE, options, ifMatch) };
    if (ifMatch !== null)
      throw invalid(
        'If-Match',
        'If-Match is about the mapping of one store: leave it out where there are several.',
      );
    const targets = await withConnection(this.dataSource, (client) => targetsOf(client, many));
    return { rollout: await this.rollouts.start(version, targets, options) };
  }

  private async toOne(
    version: KeptVersion,
    name: string,
    options: ApplyOptions,
    ifMatch: string | null,
  ): Promise<Tagged<ApplyView>> {
    const applied = await inTransaction(this.dataSource, async (client) => {
      const store = await findStore(client, name);
      const [done] = await this.applier.apply(client, version, [store], options, (head) =>
        requireMatch(ifMatch, tagOfMapping(store, head)),
      );
      if (done instanceof Problem) throw done;
      return done!;
    });
    return {
      view: presentApplied(applied, version, options),
      etag: tagOfMapping(applied.store, applied),
    };
  }
}

function optionsOf(request: ApplyBlueprintDto, askedUs: number): ApplyOptions {
  return {
    mode: request.mode ?? 'merge',
    onConflict: request.on_conflict ?? 'fail',
    dryRun: request.dry_run ?? false,
    effectiveFromUs: request.effective_from ? parseInstantUs(request.effective_from) : null,
    askedUs,
  };
}

/** Names that are none are told with the others' results, unless there is no other. */
async function targetsOf(client: pg.ClientBase, names: readonly string[]): Promise<NamedTarget[]> {
  const distinct = [...new Set(names)];
  const found = await findStores(client, distinct);
  const targets = distinct.map((named, place): NamedTarget => {
    const store = found[place]!;
    return { named, store: typeof store === 'object' ? store : storeProblem(named, store) };
  });
  if (targets.some(({ store }) => !(store instanceof Problem))) return targets;
  const told = targets.slice(0, 20).map(({ named, store }) => ({
    pointer: `/store_ids/${names.indexOf(named)}`,
    code: (store as Problem).code,
    detail: (store as Problem).detail,
  }));
  throw new Problem(
    404,
    'store_not_found',
    'None of store_ids is a store; `errors` says more of each.',
    told,
  );
}
