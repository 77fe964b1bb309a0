import { waitFor } from '../../../src/platform/wait.js';
import { makePolls } from './poll-files.js';
import type { Site } from './site.js';

const STORES = 60;
/** Stores named for one report and not for another are told apart by these. */
export const storeName = (number: number): string => `store-${number}`;

/** Every report has an as-of of its own, or equal ones would become one; the polls reach behind all of them. */
const FIRST_AS_OF_MS = Date.parse('2023-01-04T12:00:00Z');
const POLLS = makePolls({
  stores: STORES,
  pollsAStore: 500,
  from: '2023-01-02T00:00:00Z',
  inactiveEvery: 5,
});

/** What the interface takes; the rest is set by default. */
export interface ReportWish {
  as_of?: string;
  store_ids?: string[];
  label?: string;
  force?: boolean;
}

/** How a request was answered. */
export interface TriggerAnswer {
  status: number;
  tookMs: number;
  id: string;
}

/** How a report stands, as its row says. */
export interface ReportStanding {
  id: string;
  status: string;
  attempts: number;
  error: string | null;
}

/** Reports that a test asks for, and what becomes of them. */
export class ReportWork {
  /** Of all reports that were accepted. */
  readonly ids: string[] = [];
  private asked = 0;

  constructor(
    readonly site: Site,
    /** Where the requests go. */
    private readonly origin = (): string => site.server.origin,
  ) {}

  /** Loads what all reports are made of. */
  async load(polls = POLLS): Promise<void> {
    await this.site.ended(await this.site.requestLoad(polls), 'completed');
  }

  /** A wish that no other one equals. */
  nextWish(): ReportWish {
    return { as_of: wishedAsOf(this.asked++), force: true };
  }

  async trigger(wish: ReportWish = this.nextWish()): Promise<TriggerAnswer> {
    const begun = performance.now();
    const answer = await fetch(`${this.origin()}/api/v1/reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    const body = (await answer.json()) as { id: string };
    const tookMs = performance.now() - begun;
    // 200: answered from an equal one.
    if (![200, 202].includes(answer.status)) {
      throw new Error(`The trigger was answered ${answer.status}: ${JSON.stringify(body)}`);
    }
    if (!this.ids.includes(body.id)) this.ids.push(body.id);
    return { status: answer.status, tookMs, id: body.id };
  }

  async triggerMany(count: number): Promise<string[]> {
    const answers = await Promise.all(Array.from({ length: count }, () => this.trigger()));
    return answers.map(({ id }) => id);
  }

  standings(ids: readonly string[] = this.ids): Promise<ReportStanding[]> {
    return this.site.query<ReportStanding & Record<string, unknown>>(
      `SELECT report_id AS id, status, attempts, error FROM reports WHERE report_id = ANY ($1) ORDER BY report_id`,
      [ids],
    );
  }

  /** Waits until one of the reports, or of their shards, is being worked on, unless all have ended. */
  async untilRunning(ids: readonly string[] = this.ids, limitMs = 30_000): Promise<void> {
    const found = await waitFor(async () => {
      const standings = await this.site.whenBack(() => this.standings(ids));
      const open = standings.filter(({ status }) => ['pending', 'running'].includes(status));
      return open.length === 0 || open.some(({ status }) => status === 'running') ? true : null;
    }, limitMs);
    if (found === null) throw new Error('Nobody has begun with any report.');
  }

  /** Waits until no more of them than so many wait or run. */
  async untilFewOpen(most: number): Promise<void> {
    const few = await waitFor(async () => {
      const standings = await this.site.whenBack(() => this.standings());
      return standings.filter(isOpen).length <= most ? true : null;
    }, 120_000);
    if (few === null) throw new Error(`More than ${most} reports stay open.`);
  }

  /** Waits until all have ended. @throws those that have not in time. */
  async untilEnded(limitMs: number, ids: readonly string[] = this.ids): Promise<ReportStanding[]> {
    let last: ReportStanding[] = [];
    const ended = await waitFor(async () => {
      last = await this.site.whenBack(() => this.standings(ids));
      return last.some(isOpen) ? null : true;
    }, limitMs);
    if (ended !== null) return last;
    throw new Error(
      `Not ended within ${limitMs} ms: ${JSON.stringify(last.filter(isOpen), null, 1)}\n${this.site.words}`,
    );
  }

  /** Waits until a start that the row's limit would count as its last has ended: a fault in it would end it for good. */
  async untilNoLastStart(): Promise<void> {
    const none = await waitFor(async () => ((await this.lastStarts()) > 0 ? null : true), 60_000);
    if (none === null) throw new Error('A report stays at its last start.');
  }

  /** Reports and shards at their third start. */
  async lastStarts(): Promise<number> {
    const [row] = await this.site.whenBack(() =>
      this.site.query<{ starts: number }>(
        `SELECT (SELECT count(*) FROM reports WHERE status = 'running' AND attempts >= 3)::int
              + (SELECT count(*) FROM report_shards WHERE status = 'running' AND attempts >= 3)::int AS starts`,
      ),
    );
    return row!.starts;
  }

  /** Each report's rows in one word, without what tells one report from another. */
  async figures(ids: readonly string[] = this.ids): Promise<Map<string, string>> {
    const rows = await this.site.query<{ as_of: string; figures: string }>(
      `SELECT concat_ws(' ', r.as_of_us, r.store_ids) AS as_of,
              md5(string_agg((to_jsonb(w) - 'report_id')::text, ',' ORDER BY w.store_key)) AS figures
         FROM reports AS r JOIN report_rows AS w ON w.report_id = r.result_id
        WHERE r.report_id = ANY ($1) GROUP BY r.report_id ORDER BY r.as_of_us`,
      [ids],
    );
    return new Map(rows.map(({ as_of, figures }) => [as_of, figures]));
  }

  /** Makes reports of the same instants anew, with nothing in their way, and expects the same figures. */
  async expectSameUndisturbed(ids: readonly string[] = this.ids): Promise<void> {
    const wishes = await this.site.query<{ as_of: string; store_ids: string[] | null }>(
      `SELECT to_char(timestamptz 'epoch' + as_of_us * interval '1 microsecond', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS as_of, store_ids
         FROM reports WHERE report_id = ANY ($1)`,
      [ids],
    );
    const again: string[] = [];
    for (const { as_of, store_ids } of wishes) {
      const wish = { as_of, force: true, ...(store_ids === null ? {} : { store_ids }) };
      again.push((await this.trigger(wish)).id);
    }
    expect(new Set(again).size).toBe(new Set(ids).size);
    await this.untilEnded(60_000 + again.length * 1_000, again);
    expect(await this.figures(again)).toEqual(await this.figures(ids));
  }
}

function wishedAsOf(number: number): string {
  return new Date(FIRST_AS_OF_MS + number * 1_000).toISOString();
}

function isOpen({ status }: ReportStanding): boolean {
  return status === 'pending' || status === 'running';
}
