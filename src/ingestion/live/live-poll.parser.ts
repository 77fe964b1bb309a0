import { formatInstantUs } from '../../platform/instant.js';
import { type ListedValues, NoJson } from '../../platform/http/list-body.js';
import { whyNoJson } from '../../platform/json-text.js';
import type { ProblemEntry } from '../../platform/problem.js';
import { COLUMNS } from '../file-kind.js';
import { findColumns } from '../rows/header.js';
import { PollRowParser } from '../rows/poll-row.js';
import { shown } from '../rows/problems.js';
import { StoreIndex } from '../rows/store-index.js';

/** Problems that one answer tells. */
const MOST_PROBLEMS = 100;
const MEMBERS = COLUMNS.polls.map(([name]) => name);
const PLACES = findColumns('polls', MEMBERS);
const NUMBER_ID =
  'The store_id is a JSON number, which loses digits above 9007199254740991. Write it as text: "store_id": "8419537941919820732".';

/** What a request's polls have come to: all of them are good, or none is kept. */
export interface ParsedPolls {
  /** The store of each poll, and the poll: microseconds since 1970, times two, plus one when active. */
  storeIds: string[];
  polls: number[];
  bad: number;
  /** Of the bad polls' problems the first hundred. */
  problems: ProblemEntry[];
}

/** What the clock says of a request. */
export interface PollTimes {
  /** For polls without an instant of their own. */
  nowUs: number;
  /** Polls before this one would be dropped again, since data are kept for so many days; null: none. */
  oldest: { us: number; days: number } | null;
}

/** Checks live polls by the rules of files: what is good there is good here, under the same codes. */
export function parseLivePolls(body: ListedValues, times: PollTimes): ParsedPolls {
  return new LivePollParser(times).parse(body);
}

class LivePollParser {
  private readonly stores = new StoreIndex();
  private readonly rows: PollRowParser;
  private readonly now: string;
  private readonly oldestCode: number;
  private readonly cells = ['', '', ''];

  constructor(private readonly times: PollTimes) {
    this.rows = new PollRowParser(PLACES, this.stores, times.nowUs);
    this.now = formatInstantUs(times.nowUs);
    this.oldestCode = times.oldest === null ? 0 : times.oldest.us * 2;
  }

  parse(body: ListedValues): ParsedPolls {
    const parsed: ParsedPolls = { storeIds: [], polls: [], bad: 0, problems: [] };
    for (const [index, value] of body.values.entries()) {
      if (this.take(value)) {
        parsed.storeIds.push(this.stores.ids[this.rows.store]!);
        parsed.polls.push(this.rows.code);
        continue;
      }
      parsed.bad += 1;
      for (const { pointer, code, detail } of this.problemsOf(value)) {
        if (parsed.problems.length === MOST_PROBLEMS) break;
        const where = body.pointerOf(index) + pointer;
        parsed.problems.push({ pointer: where, code, detail: body.prefixOf(index) + detail });
      }
    }
    return parsed;
  }

  /** The quick way, which makes nothing for a good poll. */
  private take(value: unknown): boolean {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const { store_id: id, status, timestamp_utc: instant } = value as Record<string, unknown>;
    if (typeof id !== 'string' || typeof status !== 'string') return false;
    let members = 2;
    if (instant !== undefined) {
      if (typeof instant !== 'string') return false;
      members = 3;
    }
    // oxlint-disable-next-line guard-for-in -- what JSON.parse makes has nothing but members of its own
    for (const _ in value) members -= 1;
    if (members !== 0 || isBroken(id)) return false;
    this.cells[0] = id;
    this.cells[1] = status;
    this.cells[2] = (instant as string | undefined) ?? this.now;
    return this.rows.parse(this.cells) === null && this.rows.code >= this.oldestCode;
  }

  /** Everything that is wrong with a bad poll; pointers are within it. */
  private problemsOf(value: unknown): ProblemEntry[] {
    if (value instanceof NoJson)
      return [{ pointer: '', code: 'bad_body', detail: `This is no JSON: ${whyNoJson(value.text)}.` }];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const detail =
        'A poll has to be an object: {"store_id": "…", "status": "active", "timestamp_utc": "…"}.';
      return [{ pointer: '', code: 'not_an_object', detail }];
    }
    const poll = new Map<string, unknown>(Object.entries(value));
    const unknown = [...poll.keys()].filter((member) => !MEMBERS.includes(member as never));
    return [
      ...unknown.map((member) => ({
        pointer: `/${member.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`,
        code: 'unknown_member',
        detail: `${shown(member)} is unknown here. A poll has store_id, status and timestamp_utc.`,
      })),
      ...MEMBERS.flatMap((member, column) => this.problemOf(member, column, poll) ?? []),
    ];
  }

  private problemOf(member: string, column: number, poll: ReadonlyMap<string, unknown>): ProblemEntry | null {
    const value = poll.get(member);
    const pointer = `/${member}`;
    if (value === undefined) {
      if (member === 'timestamp_utc') return null;
      return { pointer, code: `${member}_missing`, detail: `The ${member} is missing.` };
    }
    if (typeof value !== 'string') return { pointer, ...notText(member, value) };
    if (member === 'store_id' && isBroken(value)) {
      const detail = 'The store_id holds half of a character (a lone surrogate), which no text can keep.';
      return { pointer, code: 'bad_encoding', detail };
    }
    // The rules of a row tell the first of its problems; so each member is tried in a row that is good otherwise.
    const cells = ['-', 'active', this.now];
    cells[column] = value;
    const rows = new PollRowParser(PLACES, new StoreIndex(), this.times.nowUs);
    const problem = rows.parse(cells);
    if (problem !== null) {
      const meant = problem.suggestion === null ? '' : ` Perhaps ${shown(problem.suggestion)} is meant.`;
      return { pointer, code: problem.code, detail: problem.detail + meant };
    }
    if (member !== 'timestamp_utc' || rows.code >= this.oldestCode) return null;
    const detail = `${shown(value)} lies more than ${this.times.oldest?.days} days back; older polls are not kept here (RETENTION_DAYS).`;
    return { pointer, code: 'too_old', detail };
  }
}

function notText(member: string, value: unknown): { code: string; detail: string } {
  if (member === 'store_id' && typeof value === 'number')
    return { code: 'store_id_number', detail: NUMBER_ID };
  const allowed = {
    store_id: 'It has to be text.',
    status: 'It has to be "active" or "inactive".',
    timestamp_utc:
      'It has to be text such as "2023-01-22T12:09:39.388884Z"; left out, it is the time of arrival.',
  }[member];
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a JSON ${typeof value}`;
  return { code: 'not_text', detail: `The ${member} is ${kind}. ${allowed}` };
}

/** Whether a text holds half of a surrogate pair, which JSON can write and UTF-8 can't. */
function isBroken(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}
