import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { pause } from './pause.js';
import type { Draws } from './schedule.js';

const MOST_A_REQUEST = 60;
const REFUSED_PAUSE_MS = 20;
/** No client sends more. */
export const NUMBERS_A_CLIENT = 1_000_000;

/** What one request brings, by numbers: from `first` on, `count` of them. */
export interface Numbers {
  first: number;
  count: number;
}

/** Sends numbered things over several connections, and knows which requests were answered. */
export abstract class NumberedClient {
  /** Answered 202. */
  readonly kept: Numbers[] = [];
  /** The connection broke before an answer came, or the answer was that it is refused or not certain. */
  readonly uncertain: Numbers[] = [];
  /** Every status that was answered. */
  readonly statuses = new Set<number>();

  protected readonly begin: number;
  protected next: number;
  private stopped = false;
  private running: Promise<unknown> = Promise.resolve();

  /**
   * @param origin where the server is now.
   * @param place among the clients of a database: their numbers have nothing in common.
   */
  constructor(
    protected readonly origin: () => string,
    protected readonly draws: Draws,
    place: number,
  ) {
    this.begin = place * NUMBERS_A_CLIENT;
    this.next = this.begin;
  }

  /** @returns the status, null when the connection broke. */
  protected abstract send(numbers: Numbers): Promise<number | null>;

  start(connections = 3): void {
    this.stopped = false;
    this.running = Promise.all(Array.from({ length: connections }, () => this.run()));
  }

  /** Lets every request that is under way come to its end. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Sends so many, and as many requests as that takes, over several connections. */
  async sendMany(count: number, connections = 3): Promise<void> {
    const end = this.next + count;
    const run = async (): Promise<void> => {
      while (this.next < end) await this.sendNext(end - this.next);
    };
    await Promise.all(Array.from({ length: connections }, run));
  }

  /** Sends again what was not answered, where `chosen` says so; the rest stays uncertain. */
  async sendUncertainAgain(chosen: () => boolean): Promise<void> {
    for (const numbers of this.uncertain.splice(0)) {
      if (chosen()) await this.sendAgain(numbers);
      else this.uncertain.push(numbers);
    }
  }

  /** Sends the last requests again that were answered. */
  async sendKeptAgain(requests: number): Promise<void> {
    for (const numbers of this.kept.slice(-requests)) await this.sendAgain(numbers);
  }

  private async sendAgain(numbers: Numbers): Promise<void> {
    expect(await this.send(numbers)).toBe(202);
    if (!this.kept.includes(numbers)) this.kept.push(numbers);
  }

  private async run(): Promise<void> {
    while (!this.stopped) await this.sendNext(MOST_A_REQUEST);
  }

  private async sendNext(most: number): Promise<void> {
    const numbers = { first: this.next, count: Math.min(most, this.draws.whole(1, MOST_A_REQUEST)) };
    this.next += numbers.count;
    const status = await this.send(numbers);
    if (status !== null) this.statuses.add(status);
    if (status === 202) this.kept.push(numbers);
    else {
      this.uncertain.push(numbers);
      await pause(REFUSED_PAUSE_MS);
    }
  }
}

/**
 * Bare HTTP: a broken connection has to show at once and for this request, and must not be tried again.
 *
 * @returns the status and the text of the answer; null when there is none: what became of the request is not known.
 */
export async function post(
  url: string,
  type: string,
  body: string,
): Promise<{ status: number; text: string } | null> {
  const sent = request(url, {
    method: 'POST',
    headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) },
    agent: false,
  });
  sent.end(body);
  try {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const pieces: Buffer[] = [];
    for await (const piece of answer) pieces.push(piece as Buffer);
    return { status: answer.statusCode!, text: String(Buffer.concat(pieces)) };
  } catch {
    return null;
  }
}
