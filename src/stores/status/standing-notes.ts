import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import type { ListedState } from './status.dto.js';
import type { Standing } from './store-standings.js';

/** What may be known of a store beside its polls. */
export const STANDING_EVIDENCE = [
  'tech_outage_suspected',
  'closed_unexpectedly',
  'monitoring_gap',
  'sensor_silent',
] as const;
export type StandingEvidence = (typeof STANDING_EVIDENCE)[number];

/** Tells by other means than polls what becomes of stores that are down or unobserved. */
export interface StandingNoter {
  /**
   * @param standings all of them in the state at the instant
   * @returns by store key; a store of which nothing can be said is left out
   */
  notesOf(
    client: pg.ClientBase,
    standings: readonly Standing[],
    state: ListedState,
    atUs: number,
  ): Promise<ReadonlyMap<number, StandingEvidence>>;
}

const NO_NOTES: ReadonlyMap<number, StandingEvidence> = new Map();

/** Who tells it. The feature that knows registers itself while its module starts, since stores know nothing of it. */
@Injectable()
export class StandingNotes {
  private noter: StandingNoter | null = null;

  register(noter: StandingNoter): void {
    if (this.noter !== null) throw new Error('The evidence of standings has two sources.');
    this.noter = noter;
  }

  async notesOf(
    ...asked: Parameters<StandingNoter['notesOf']>
  ): Promise<ReadonlyMap<number, StandingEvidence>> {
    const [, standings] = asked;
    return this.noter === null || standings.length === 0 ? NO_NOTES : this.noter.notesOf(...asked);
  }
}
