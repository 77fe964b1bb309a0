import { QUARTER_US } from '../meaning/pieces.js';
import { DAYS_REMEMBERED, lastUpTo, QUARTERS_OF_A_DAY, type StorePresence } from './store-presence.js';

/** Of all cameras of a store together: `none`: it has none; `silent`: at least one does not send. */
export type CameraState = 'none' | 'silent' | 'sending';

const UNNAMED = '';

/** Tells whether a store's cameras can be believed when they show nobody (docs/evidence.md, rules 6 to 8). */
export class CameraWatch {
  constructor(private readonly presence: Pick<StorePresence, 'sent' | 'mapped'>) {}

  at(quarter: number): CameraState {
    const mapped = this.mappedAt(quarter);
    const cameras = mapped.length > 0 ? mapped : this.seenAt(quarter);
    if (cameras.length === 0) return 'none';
    const alone = mapped.length === 1;
    const since = quarter - QUARTERS_OF_A_DAY + 1;
    const sends = (camera: string): boolean => this.hasSent(camera, since, quarter);
    // What came without a camera's name can only have come from the one that there is.
    return cameras.every((camera) => sends(camera) || (alone && sends(UNNAMED))) ? 'sending' : 'silent';
  }

  private mappedAt(quarter: number): readonly string[] {
    const startUs = quarter * QUARTER_US;
    return this.presence.mapped.findLast(({ fromUs }) => fromUs <= startUs)?.cameras ?? [];
  }

  private seenAt(quarter: number): readonly string[] {
    const since = quarter - DAYS_REMEMBERED * QUARTERS_OF_A_DAY + 1;
    return [...this.presence.sent.keys()].filter((camera) => this.hasSent(camera, since, quarter));
  }

  private hasSent(camera: string, fromQuarter: number, toQuarter: number): boolean {
    const last = lastUpTo(this.presence.sent.get(camera) ?? [], toQuarter);
    return last !== null && last >= fromQuarter;
  }
}
