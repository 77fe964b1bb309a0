import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { inTransaction, ONE_SNAPSHOT } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { DAY_US, formatInstantUs, parseInstantUs } from '../../platform/instant.js';
import { invalid } from '../../stores/invalid.js';
import { readOneStore } from '../../stores/one-store.js';
import { StoreFactsReader } from '../../stores/store-facts.reader.js';
import { readNamedStore } from '../named-store.reader.js';
import type { EvidenceQueryDto } from './evidence.dto.js';
import { EvidenceReader } from './evidence.reader.js';
import { evidenceView, type StoreEvidenceView } from './evidence.view.js';
import { evidenceOf, type EvidenceScope, factsNeeded } from './store-evidence.js';

const DEFAULT_DAYS = 7;
const MOST_DAYS = 31;

/** Lays hours, polls and cameras of one store side by side. */
@Injectable()
export class EvidenceService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly facts: StoreFactsReader,
    private readonly reader: EvidenceReader,
  ) {}

  /**
   * By the estimator that holds by default, as known at the newest poll of all stores (rule 7 of the semantics), and
   * while there is no poll, at this moment.
   * @param id or a name or alias
   * @throws Problem 404 when there is no such store, 409 when several have the name, 400 when the time asked for is none.
   */
  evidence(id: string, query: EvidenceQueryDto): Promise<StoreEvidenceView> {
    const { defaultZone, defaultPolicy } = this.environment;
    return inTransaction(
      this.dataSource,
      async (client) => {
        const store = await readNamedStore(client, id);
        const nowUs = this.clock.nowUs();
        const asOfUs = (await this.facts.newestPollUs(client, nowUs)) ?? nowUs;
        const scope = { range: rangeOf(query, asOfUs), asOfUs };
        const presence = await this.reader.presenceOf(client, [store.key], scope);
        const { facts } = await readOneStore(client, store, { ...factsNeeded(scope), defaultZone });
        const runs = evidenceOf(facts, presence.get(store.key)!, defaultPolicy.estimator, scope);
        return evidenceView({ store_id: store.id, name: store.name }, asOfUs, scope.range, runs);
      },
      ONE_SNAPSHOT,
    );
  }
}

/** @throws Problem 400 */
function rangeOf({ from, to }: EvidenceQueryDto, asOfUs: number): EvidenceScope['range'] {
  const askedEndUs = to === undefined ? asOfUs : parseInstantUs(to)!;
  const endUs = Math.min(askedEndUs, asOfUs);
  const startUs = from === undefined ? endUs - DEFAULT_DAYS * DAY_US : parseInstantUs(from)!;
  if (to !== undefined && startUs >= askedEndUs)
    throw invalid(
      '/from',
      `from, ${formatInstantUs(startUs)}, has to be before to, ${formatInstantUs(askedEndUs)}.`,
    );
  if (startUs >= endUs)
    throw invalid(
      '/from',
      `from, ${formatInstantUs(startUs)}, has to be before the newest poll, ${formatInstantUs(asOfUs)}: later than that nothing is known yet.`,
    );
  if (endUs - startUs > MOST_DAYS * DAY_US)
    throw invalid('/from', `from has to be at most ${MOST_DAYS} days before to. Ask for a part of the time.`);
  return { startUs, endUs };
}
