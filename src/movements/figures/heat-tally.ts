import { CellReader } from '../digest/cells.js';
import { HEAT_GRID } from '../meaning/heat.js';

/** A cell that fewer people were in says nothing: it would say who. */
export const FEWEST_PEOPLE = 5;

export interface HeatFigures {
  /** Row by row from the upper edge; null: too few people, 0: nobody. Microseconds. */
  readonly cells: readonly (readonly (number | null)[])[];
  readonly suppressed: number;
  /** Different people in any cell. */
  readonly people: number;
}

/** Sums up heat over cells of the grid that is kept, each `HEAT_GRID / columns` by `HEAT_GRID / rows` of its own. */
export class HeatTally {
  private readonly totals: Float64Array;
  private readonly people: Int32Array;
  /** Who was counted in a cell last: a person's cells come together. */
  private readonly lastPerson: Int32Array;
  /** By number of a kept cell, where it counts. */
  private readonly placeOf: Int32Array;
  private readonly cells = new CellReader();
  private person = 0;
  private userId: string | null = null;

  constructor(
    private readonly columns: number,
    private readonly rows: number,
  ) {
    this.totals = new Float64Array(columns * rows);
    this.people = new Int32Array(columns * rows);
    this.lastPerson = new Int32Array(columns * rows);
    this.placeOf = Int32Array.from({ length: HEAT_GRID * HEAT_GRID }, (_, cell) => {
      const column = Math.floor(((cell % HEAT_GRID) * columns) / HEAT_GRID);
      const row = Math.floor((Math.floor(cell / HEAT_GRID) * rows) / HEAT_GRID);
      return row * columns + column;
    });
  }

  /** All of one person come one after another. */
  add(userId: string, cells: Buffer): void {
    if (userId !== this.userId) {
      this.userId = userId;
      this.person += 1;
    }
    this.cells.read(cells);
    for (let index = 0; index < this.cells.count; index++) {
      const place = this.placeOf[this.cells.cell(index)]!;
      this.totals[place]! += this.cells.us(index);
      if (this.lastPerson[place] === this.person) continue;
      this.lastPerson[place] = this.person;
      this.people[place]! += 1;
    }
  }

  end(): HeatFigures {
    let suppressed = 0;
    const shown = Array.from(this.totals, (us, place) => {
      const people = this.people[place]!;
      if (people === 0 || people >= FEWEST_PEOPLE) return us;
      suppressed += 1;
      return null;
    });
    const cells = Array.from({ length: this.rows }, (_, row) =>
      shown.slice(row * this.columns, (row + 1) * this.columns),
    );
    return { cells, suppressed, people: this.person };
  }
}
