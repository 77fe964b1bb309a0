import { Injectable, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import {
  type StandingEvidence,
  type StandingNoter,
  StandingNotes,
} from '../../stores/status/standing-notes.js';
import { QUARTER_US } from '../meaning/pieces.js';
import { CameraWatch } from './camera-watch.js';
import { EvidenceReader } from './evidence.reader.js';
import { isPending, quarterOf, type StorePresence } from './store-presence.js';

type Standings = Parameters<StandingNoter['notesOf']>[1];
type State = Parameters<StandingNoter['notesOf']>[2];

/** Tells of stores that are down or unobserved at this moment whether people are there (docs/evidence.md, rule 13). */
@Injectable()
export class EvidenceNoter implements StandingNoter, OnModuleInit {
  constructor(
    private readonly notes: StandingNotes,
    private readonly reader: EvidenceReader,
  ) {}

  onModuleInit(): void {
    this.notes.register(this);
  }

  async notesOf(
    client: pg.ClientBase,
    standings: Standings,
    state: State,
    atUs: number,
  ): Promise<Map<number, StandingEvidence>> {
    const scope = { range: { startUs: atUs - QUARTER_US, endUs: atUs + 1 } };
    const all = { fromKey: 0, toKey: 0, keys: standings.map(({ storeKey }) => storeKey) };
    const keys = await this.reader.storesWithCameras(client, all, scope);
    const notes = new Map<number, StandingEvidence>();
    if (keys.length === 0) return notes;
    const presence = await this.reader.presenceOf(client, keys, scope);
    for (const { storeKey, sinceUs } of standings) {
      const known = presence.get(storeKey);
      const note = known && noteOf(known, state, sinceUs, atUs);
      if (note) notes.set(storeKey, note);
    }
    return notes;
  }
}

/**
 * The piece that holds the instant, and the whole one before it: people in either are there now, nobody is known only of
 * the whole one. A piece in which the state began says nothing, since people may have left before.
 */
export function noteOf(
  presence: StorePresence,
  state: State,
  sinceUs: number,
  atUs: number,
): StandingEvidence | null {
  const current = quarterOf(atUs);
  const pieces = [current - 1, current].filter((quarter) => quarter * QUARTER_US >= sinceUs);
  if (pieces.some((quarter) => presence.withPeople.has(quarter)))
    return state === 'down' ? 'tech_outage_suspected' : 'monitoring_gap';
  if (!pieces.includes(current - 1) || isPending(presence, current - 1)) return null;
  switch (new CameraWatch(presence).at(current - 1)) {
    case 'none':
      return null;
    case 'silent':
      return 'sensor_silent';
    case 'sending':
      return state === 'down' ? 'closed_unexpectedly' : null;
  }
}
