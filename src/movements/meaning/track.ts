import type { SeenBox } from '../../blueprints/index.js';

/** Whom a tracker followed: one track of one camera, for one person. Its number may be used again later. */
export interface TrackKey {
  /** Empty: the events did not say. */
  readonly cameraId: string;
  readonly trackId: number;
  readonly userId: string;
}

/** Somebody was seen once. */
export interface Observation {
  readonly atUs: number;
  /** Of several at one instant that with the least id holds. Those of equal ids keep their order. */
  readonly eventId: string;
  readonly box: Pick<SeenBox, 'bbox' | 'format' | 'frame'>;
}

/** Everything here happened between the instants, both of which were observed. */
export interface Visit {
  readonly zoneKey: string;
  readonly revision: number;
  readonly enterUs: number;
  readonly exitUs: number;
}

/** `entry`: from the right of the line to its left, seen from its start to its end. */
export type CrossingDirection = 'entry' | 'exit';

export interface Crossing {
  readonly lineKey: string;
  readonly revision: number;
  /** When the person was first seen on the other side. */
  readonly atUs: number;
  readonly direction: CrossingDirection;
}

/** What a session left in one whole quarter of an hour of UTC. */
export interface SessionQuarter {
  /** Counted from 1970. */
  readonly quarter: number;
  readonly observations: number;
  /** Some observation is a sign that the store is open. */
  readonly evidence: boolean;
  /** Microseconds by cell of the heat grid; a cell in which the person was only seen once may have 0. */
  readonly cells: ReadonlyMap<number, number>;
}

/** A person followed without a longer gap. */
export interface Session {
  readonly startUs: number;
  readonly endUs: number;
  /** Instants at which the person was seen. */
  readonly observations: number;
  /** In force at its start; 0: none was. */
  readonly revision: number;
  readonly visits: readonly Visit[];
  readonly crossings: readonly Crossing[];
  readonly quarters: readonly SessionQuarter[];
}
