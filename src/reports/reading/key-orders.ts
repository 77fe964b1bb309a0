import { Injectable } from '@nestjs/common';

/** Bytes of all orders that are kept: sixteen of a million stores each. */
const MOST_BYTES = 64 * 1_048_576;
/** How many are worked out at once: each may sort a million rows, and the database has other work too. */
const MOST_AT_ONCE = 2;

const KEY_BYTES = 4;

/** Makes an order: `store_key`s, four bytes each, big endian. */
type Compute = () => Promise<Buffer>;

/**
 * Remembers in which order the stores of a result are shown: their keys alone, four bytes each. Rows of a finished
 * report never change, so the first page of a sorting pays for all others, and so for the count. Whoever asks while
 * an order is being worked out waits for the same one.
 */
@Injectable()
export class KeyOrders {
  /** Least recently used first. */
  private readonly kept = new Map<string, Buffer>();
  private readonly pending = new Map<string, Promise<Buffer>>();
  private readonly waiting: (() => void)[] = [];
  private bytes = 0;
  private running = 0;

  /** @param name tells the result and all that the order follows from. */
  async get(name: string, compute: Compute): Promise<Buffer> {
    const known = this.kept.get(name);
    if (known !== undefined) {
      this.kept.delete(name);
      this.kept.set(name, known);
      return known;
    }
    const underway = this.pending.get(name) ?? this.start(name, compute);
    return underway;
  }

  private start(name: string, compute: Compute): Promise<Buffer> {
    const order = this.inTurn(compute)
      .then((keys) => {
        this.keep(name, keys);
        return keys;
      })
      .finally(() => this.pending.delete(name));
    this.pending.set(name, order);
    return order;
  }

  private async inTurn(compute: Compute): Promise<Buffer> {
    if (this.running >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await compute();
    } finally {
      // Its place passes to the next in the line, if there is one.
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }

  private keep(name: string, keys: Buffer): void {
    this.kept.set(name, keys);
    this.bytes += sizeOf(name, keys);
    for (const [oldest, order] of this.kept) {
      if (this.bytes <= MOST_BYTES) break;
      this.kept.delete(oldest);
      this.bytes -= sizeOf(oldest, order);
    }
  }
}

/** An order without a store takes room too: its name. */
function sizeOf(name: string, keys: Buffer): number {
  return keys.length + name.length * 2 + 200;
}

/** How many keys an order holds. */
export function lengthOf(order: Buffer): number {
  return order.length / KEY_BYTES;
}

/** The keys of a page: from `start` on, up to but without `end`. */
export function keysBetween(order: Buffer, start: number, end: number): number[] {
  const keys: number[] = [];
  const last = Math.min(end, lengthOf(order));
  for (let place = start; place < last; place += 1) keys.push(order.readInt32BE(place * KEY_BYTES));
  return keys;
}
