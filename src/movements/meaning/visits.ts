import type { PlanPoint, Zone } from '../../blueprints/index.js';
import type { Visit } from './track.js';

const MS_US = 1_000;

/** Follows one person in and out of one zone under one layout. */
export class ZoneWatch {
  private enterUs = 0;
  private lastInsideUs = 0;
  private isOpen = false;
  /** Since when the person has been seen outside, during a visit. */
  private outsideUs: number | null = null;
  private readonly visits: Visit[] = [];

  constructor(
    private readonly zone: Zone,
    private readonly revision: number,
  ) {}

  /**
   * Takes the observations in order of time; one without a place says nothing and is not shown to it.
   * A visit begins at the first one inside; outside for longer than the grace, it has ended at the last one inside (M5).
   */
  see(atUs: number, isInside: boolean): void {
    if (!isInside) {
      if (this.isOpen) this.outsideUs ??= atUs;
      return;
    }
    if (this.outsideUs !== null && atUs - this.outsideUs > this.zone.exitGraceMs * MS_US) this.close();
    if (!this.isOpen) {
      this.isOpen = true;
      this.enterUs = atUs;
    }
    this.lastInsideUs = atUs;
    this.outsideUs = null;
  }

  /** The visits that count: those of at least the zone's shortest presence (M6). */
  end(): readonly Visit[] {
    this.close();
    return this.visits;
  }

  private close(): void {
    if (this.isOpen && this.lastInsideUs - this.enterUs >= this.zone.minPresenceMs * MS_US)
      this.visits.push({
        zoneKey: this.zone.key,
        revision: this.revision,
        enterUs: this.enterUs,
        exitUs: this.lastInsideUs,
      });
    this.isOpen = false;
    this.outsideUs = null;
  }
}

/** Where somebody was at an instant. */
export interface Step {
  readonly atUs: number;
  /** Null: it can't be told. */
  readonly place: PlanPoint | null;
}
