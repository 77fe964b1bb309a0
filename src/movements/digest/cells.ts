/** A cell's number in two bytes, its microseconds in four: a quarter of an hour has fewer than 2^32 of them. */
const CELL_BYTES = 6;

/** The cells of a session as `session_heat` keeps them. */
export function encodeCells(cells: ReadonlyMap<number, number>): Buffer {
  const bytes = Buffer.allocUnsafe(cells.size * CELL_BYTES);
  let at = 0;
  for (const [cell, us] of cells) {
    bytes.writeUInt16BE(cell, at);
    bytes.writeUInt32BE(us, at + 2);
    at += CELL_BYTES;
  }
  return bytes;
}

/** Reads the cells of many sessions without making anything for each. */
export class CellReader {
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** How many there are. */
  count = 0;

  read(bytes: Buffer): void {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.count = bytes.length / CELL_BYTES;
  }

  cell(index: number): number {
    return this.view.getUint16(index * CELL_BYTES);
  }

  us(index: number): number {
    return this.view.getUint32(index * CELL_BYTES + 2);
  }
}
