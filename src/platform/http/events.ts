import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Problem } from '../problem.js';

/** What a stream of events tells about. */
export interface Watched<T> {
  /** Reads it as it stands. */
  look(): Promise<T>;
  /** Nothing will change any more. */
  isOver(value: T): boolean;
}

/**
 * Follows something by server-sent events: `change` whenever it looks different, `ended` with the last state, which
 * is the end of the stream. A comment keeps silent connections from being taken for dead ones.
 */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  /** How often it is looked at. */
  lookMs = 300;
  /** A comment is sent after so long a silence. */
  heartbeatMs = 15_000;
  /** Streams at a time: each asks the database a few times a second. */
  most = 100;

  private readonly open = new Set<() => void>();
  private closing = false;

  /** Streams that are open at this moment. */
  get count(): number {
    return this.open.size;
  }

  /** Ends every stream: an open one would keep the server from closing. */
  beforeApplicationShutdown(): void {
    this.closing = true;
    for (const end of this.open) end();
  }

  /**
   * @throws Problem 429 where too many are open; or whatever the first look throws, before anything is sent. A later
   *   one that fails ends the stream.
   */
  async send<T>(request: Request, response: Response, watched: Watched<T>): Promise<void> {
    if (this.open.size >= this.most) throw tooManyStreams(this.most);
    let value = await watched.look();
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    if (request.method === 'HEAD') return void response.end();
    const gone = this.enter(response);
    try {
      let told = '';
      let toldAt = performance.now();
      while (!gone.signal.aborted) {
        const over = watched.isOver(value);
        const text = JSON.stringify(value);
        if (over || text !== told) {
          await this.write(response, gone.signal, `event: ${over ? 'ended' : 'change'}\ndata: ${text}\n\n`);
          told = text;
          toldAt = performance.now();
        } else if (performance.now() - toldAt >= this.heartbeatMs) {
          await this.write(response, gone.signal, ': still here\n\n');
          toldAt = performance.now();
        }
        if (over) return;
        await pause(this.lookMs, gone.signal);
        if (!gone.signal.aborted) value = await watched.look();
      }
    } finally {
      gone.leave();
      response.end();
    }
  }

  private enter(response: Response): { signal: AbortSignal; leave(): void } {
    const gone = new AbortController();
    const end = (): void => gone.abort();
    this.open.add(end);
    response.once('close', end);
    // The socket of a client that went away tells so by an error too; `close` follows it.
    response.on('error', end);
    if (this.closing) end();
    return {
      signal: gone.signal,
      leave: () => {
        this.open.delete(end);
        response.off('close', end);
      },
    };
  }

  /** A client that reads slowly is waited for, so that what it has not read does not pile up here. */
  private write(response: Response, gone: AbortSignal, text: string): Promise<void> {
    if (gone.aborted || response.write(text)) return Promise.resolve();
    return settled(gone, (done) => {
      response.once('drain', done);
      return () => response.off('drain', done);
    });
  }
}

function pause(ms: number, gone: AbortSignal): Promise<void> {
  return settled(gone, (done) => {
    const timer = setTimeout(done, ms);
    return () => clearTimeout(timer);
  });
}

/** Waits for what `start` announces, or for the end of the stream. */
function settled(gone: AbortSignal, start: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      gone.removeEventListener('abort', done);
      resolve();
    };
    const stop = start(done);
    gone.addEventListener('abort', done);
    if (gone.aborted) done();
  });
}

function tooManyStreams(most: number): Problem {
  return new Problem(
    429,
    'too_many_streams',
    `${most} streams of events are open, the most at a time. Ask again later, or follow it by GET with "Prefer: wait=20".`,
  );
}
