import type { PlanPoint } from '../../blueprints/index.js';
import { QUARTER_US } from './pieces.js';
import type { SessionQuarter } from './track.js';

/** Cells of the plan to a side. A cell's number is its row, counted from the top, times this, plus its column. */
export const HEAT_GRID = 64;

/** The cell that holds a point; null outside the plan. The plan's right and lower border belong to its last cells. */
export function cellOf([x, y]: PlanPoint): number | null {
  if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) return null;
  const column = Math.min(HEAT_GRID - 1, Math.floor(x * HEAT_GRID));
  const row = Math.min(HEAT_GRID - 1, Math.floor(y * HEAT_GRID));
  return row * HEAT_GRID + column;
}

type OpenQuarter = { -readonly [Member in keyof SessionQuarter]: SessionQuarter[Member] } & {
  readonly cells: Map<number, number>;
};

/** Gathers what one session leaves in each quarter of an hour (M9, M10). */
export class QuarterTally {
  private readonly quarters = new Map<number, OpenQuarter>();

  /**
   * One observation, and how long its place holds: until the next one, or until its layout ends.
   * @param cell null: it has no place on the plan
   */
  add(atUs: number, untilUs: number, cell: number | null, evidence: boolean): void {
    const first = this.of(Math.floor(atUs / QUARTER_US));
    first.observations += 1;
    first.evidence ||= evidence;
    if (cell === null) return;
    let fromUs = atUs;
    do {
      const quarter = Math.floor(fromUs / QUARTER_US);
      const endUs = Math.min(untilUs, (quarter + 1) * QUARTER_US);
      const { cells } = this.of(quarter);
      cells.set(cell, (cells.get(cell) ?? 0) + endUs - fromUs);
      fromUs = endUs;
    } while (fromUs < untilUs);
  }

  end(): readonly SessionQuarter[] {
    return [...this.quarters.values()];
  }

  private of(quarter: number): OpenQuarter {
    let its = this.quarters.get(quarter);
    if (its === undefined) {
      its = { quarter, observations: 0, evidence: false, cells: new Map() };
      this.quarters.set(quarter, its);
    }
    return its;
  }
}
