import { Injectable } from '@nestjs/common';
import type { MovementEvent } from '../movement-event.js';

/** Reads what a client would send, as intake does. */
export interface RawEventReader {
  /**
   * @param text JSON of one event.
   * @returns the event, with an id and times.
   * @throws Problem that says what is wrong with it.
   */
  read(text: string): MovementEvent | Promise<MovementEvent>;
}

/** Events that somebody put into the list in the form in which clients send them. Intake says how they are read. */
@Injectable()
export class RawEvents {
  private reader: RawEventReader | null = null;

  /** Intake registers while its module starts. */
  register(reader: RawEventReader): void {
    this.reader = reader;
  }

  /** @throws Problem that says what is wrong with it. */
  async read(text: string): Promise<MovementEvent> {
    if (this.reader === null) throw new Error('Nobody has said how events of clients are read.');
    return this.reader.read(text);
  }
}
