import { type ListedValues, NoJson } from '../../platform/http/list-body.js';
import { whyNoJson } from '../../platform/json-text.js';
import { Problem, type ProblemEntry } from '../../platform/problem.js';
import { foldName } from '../../stores/store-text.js';
import type { MovementEvent } from '../movement-event.js';
import { type MovementContext, type ParsedMovement, parseMovement } from './movement.parser.js';

/** Problems that one answer tells. */
const MOST_PROBLEMS = 100;
/** Names of unknown members that one answer tells, and characters of each. */
const MOST_NAMES = 50;
const LONGEST_NAME = 100;
const OTHER_NAMES = '(others)';
const CONFLICT = 'event_id_conflict';

/** What the events of a request have come to: every one of them is good. */
export interface MovementBatch {
  /** Each once. */
  readonly events: readonly MovementEvent[];
  /** The ids of all values, in their order, repeated ones too. */
  readonly eventIds: readonly string[];
  /** How often each member came that is not known. */
  readonly dropped: Readonly<Record<string, number>>;
}

/**
 * Reads the events of a request, of which all are good or none is taken.
 *
 * @throws Problem 400 with every problem; 409 when all that is wrong is that an id stands for two events.
 */
export function readMovements(body: ListedValues, context: MovementContext): MovementBatch {
  const reading = new BatchReading(body);
  for (const [index, value] of body.values.entries()) reading.take(index, parsed(value, context));
  return reading.batch();
}

class BatchReading {
  private readonly events: MovementEvent[] = [];
  private readonly eventIds: string[] = [];
  private readonly dropped = new Map<string, number>();
  private readonly contents = new Map<string, string>();
  private readonly problems: ProblemEntry[] = [];
  private found = 0;
  private bad = 0;
  private onlyConflicts = true;

  constructor(private readonly body: ListedValues) {}

  take(index: number, read: ParsedMovement): void {
    if ('problems' in read) {
      this.refuse(index, read.problems);
      return;
    }
    const { event, dropped } = read;
    this.eventIds.push(event.eventId);
    for (const name of dropped) this.count(name);
    // One id stands for one event of a store, however the store is written.
    const key = `${foldName(event.store)}\n${event.eventId}`;
    const content = JSON.stringify({ ...event, store: '' });
    const before = this.contents.get(key);
    if (before === undefined) {
      this.contents.set(key, content);
      this.events.push(event);
    } else if (before !== content) {
      const detail = `The event_id '${event.eventId}' stands for another event of this request already. One id stands for one event of a store.`;
      this.refuse(index, [{ pointer: '/event_id', code: CONFLICT, detail }]);
    }
  }

  batch(): MovementBatch {
    if (this.bad > 0) throw this.refusal();
    return { events: this.events, eventIds: this.eventIds, dropped: Object.fromEntries(this.dropped) };
  }

  private refuse(index: number, problems: readonly ProblemEntry[]): void {
    this.bad += 1;
    this.found += problems.length;
    for (const { pointer, code, detail } of problems) {
      this.onlyConflicts &&= code === CONFLICT;
      if (this.problems.length === MOST_PROBLEMS) continue;
      const where = this.body.pointerOf(index) + pointer;
      this.problems.push({ pointer: where, code, detail: this.body.prefixOf(index) + detail });
    }
  }

  private count(member: string): void {
    const cut = member.slice(0, LONGEST_NAME);
    const name = this.dropped.has(cut) || this.dropped.size < MOST_NAMES ? cut : OTHER_NAMES;
    this.dropped.set(name, (this.dropped.get(name) ?? 0) + 1);
  }

  private refusal(): Problem {
    const all = this.body.values.length;
    const bad = this.bad.toLocaleString('en');
    const count = all === 1 ? 'The event is bad' : `${bad} of ${all.toLocaleString('en')} events are bad`;
    const more = this.found - this.problems.length;
    const listed =
      more > 0
        ? ` The first ${MOST_PROBLEMS} problems are listed; there are ${more.toLocaleString('en')} more.`
        : '';
    const [status, code] = this.onlyConflicts ? ([409, CONFLICT] as const) : ([400, 'bad_events'] as const);
    return new Problem(status, code, `${count}, so nothing of the request was kept.${listed}`, this.problems);
  }
}

function parsed(value: unknown, context: MovementContext): ParsedMovement {
  if (!(value instanceof NoJson)) return parseMovement(value, context);
  const detail = `This is no JSON: ${whyNoJson(value.text)}.`;
  return { problems: [{ pointer: '', code: 'bad_body', detail }] };
}
