import type pg from 'pg';
import type { MovementEvent } from '../movement-event.js';
import { withoutUserIds } from '../privacy/person.js';

/**
 * - `event_id_conflict`: the store has another event under this id.
 * - `not_storable`: the tables have no room for what it says.
 * - `unreadable`: it lay in the buffer and is no event.
 */
export type DeadLetterReason = 'event_id_conflict' | 'not_storable' | 'unreadable';

/** Something accepted that can't be stored. */
export interface DeadLetter {
  readonly reason: DeadLetterReason;
  /** A sentence for people. */
  readonly detail: string;
  /** The event; or what can't be read as one. */
  readonly content: MovementEvent | string;
}

const LONGEST_RAW_BYTES = 4_096;
const LONGEST_COLUMN = 400;

/** Keeps them within the caller's transaction; what is there already stays as it is. In one order, so that nobody waits in a circle. */
export async function keepDeadLetters(client: pg.ClientBase, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  const rows = letters.map(rowOf);
  rows.sort((a, b) => (a.reason + a.content < b.reason + b.content ? -1 : 1));
  await client.query(
    `INSERT INTO movement_dead_letters (reason, detail, content, readable, event_id, store_name, user_id)
     SELECT reason, detail, content, readable, event_id, store_name, user_id
       FROM json_to_recordset($1::json)
         AS given (reason text, detail text, content text, readable boolean, event_id text, store_name text, user_id text)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

/** Whether a dead letter is kept still. */
export async function isLetterThere(client: pg.ClientBase, id: number): Promise<boolean> {
  const { rows } = await client.query('SELECT 1 FROM movement_dead_letters WHERE dead_letter = $1', [id]);
  return rows.length > 0;
}

interface Row {
  reason: string;
  detail: string;
  content: string;
  readable: boolean;
  event_id: string | null;
  store_name: string | null;
  user_id: string | null;
}

function rowOf({ reason, detail, content }: DeadLetter): Row {
  const readable = typeof content !== 'string';
  return {
    reason,
    // It quotes what is wrong, which may be the id.
    detail: asText(withoutUserIds(detail)),
    // Of an event, JSON has escaped what no column can hold.
    content: readable ? JSON.stringify(content) : cut(asText(content)),
    readable,
    event_id: readable ? asColumn(content.eventId) : null,
    store_name: readable ? asColumn(content.store) : null,
    user_id: readable ? asColumn(content.userId) : null,
  };
}

/** With a mark in place of what no column can hold. */
function asText(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(/\p{Cs}/gu, '\ufffd');
}

function asColumn(value: unknown): string | null {
  return typeof value === 'string' ? asText(value.slice(0, LONGEST_COLUMN)) : null;
}

function cut(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= LONGEST_RAW_BYTES) return text;
  // Not in the middle of a character.
  let end = LONGEST_RAW_BYTES;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
