import { canonicalZone } from '../../availability/index.js';
import { COLUMNS } from '../file-kind.js';
import type { ColumnPlaces } from './header.js';
import { type RowProblem, shown } from './problems.js';
import { suggestZone } from './reject-suggestions.js';
import { RowParser } from './row.js';
import type { StoreIndex } from './store-index.js';

/** Rows of time zones: a store and the IANA name of its zone. */
export class ZoneRowParser extends RowParser {
  /** Canonical name of the zone. */
  zone = '';

  /** A few dozen names stand in thousands of rows. */
  private readonly zones = new Map<string, string | null>();

  constructor(columns: ColumnPlaces, stores: StoreIndex) {
    super(
      columns,
      COLUMNS.zones.map(([name]) => name),
      stores,
    );
  }

  protected override parseValues(cells: readonly string[]): RowProblem | null {
    const name = this.cell(cells, 1);
    let zone = this.zones.get(name);
    if (zone === undefined) {
      zone = canonicalZone(name);
      if (zone !== null) this.zones.set(Buffer.from(name).toString(), zone);
    }
    if (zone === null) {
      const detail = `${shown(name)} is no IANA time zone. Allowed are names such as America/Chicago.`;
      return { column: 'timezone_str', code: 'unknown_zone', detail, suggestion: suggestZone(name) };
    }
    this.zone = zone;
    return null;
  }
}
