import type pg from 'pg';
import type { ZoneWriter } from '../../stores/calendar/zone.writer.js';
import { FileLoad, type LoadCounts } from './file-load.js';
import { ZoneRowParser } from '../rows/zone-row.js';

/** A file of time zones. The last row of a store holds. */
export class ZonesLoad extends FileLoad<ZoneRowParser> {
  private readonly zones = new Map<number, string>();
  private superseded = 0;

  constructor(private readonly writer: ZoneWriter) {
    super('zones');
  }

  protected override parserFor(header: readonly string[]): ZoneRowParser {
    return new ZoneRowParser(this.columns(header), this.stores);
  }

  protected override keep({ store, zone }: ZoneRowParser): void {
    if (this.zones.has(store)) this.superseded++;
    this.zones.set(store, zone);
  }

  override async merge(client: pg.PoolClient): Promise<readonly LoadCounts[]> {
    const storeIds = Array.from(this.zones.keys(), (store) => this.stores.ids[store]!);
    const counts = await this.writer.merge(client, storeIds, [...this.zones.values()]);
    return [{ ...counts, superseded: this.superseded, range: null }];
  }
}
