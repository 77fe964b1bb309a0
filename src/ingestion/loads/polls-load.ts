import type pg from 'pg';
import type { MergeCounts } from '../../stores/merge-counts.js';
import type { PollWriter } from '../../stores/polls/poll.writer.js';
import { FileLoad, type LoadCounts } from './file-load.js';
import { NotTogether, PollPacker, StoreDayTooFull } from './poll-packer.js';
import { PollRowParser } from '../rows/poll-row.js';
import { FileRefused, shown } from '../rows/problems.js';

const DAY_CODES = 86_400_000_000 * 2;
/** Statistics are worth their time when a load changed this many polls. */
const MUCH = 10_000;

/** Instants of a file's oldest and newest poll, as codes. */
interface CodeRange {
  first: number;
  last: number;
}

/** A file of polls, or several that are merged together as if one were merged after the other. */
export class PollsLoad extends FileLoad<PollRowParser> {
  private readonly packer: PollPacker;
  /** Stores that have a poll, and the number of each among them by its number in the file. */
  private readonly polled: number[] = [];
  private readonly place: number[] = [];
  private readonly oldest: number[] = [];
  private readonly newest: number[] = [];
  private readonly days = new Set<number>();
  private lastDay = NaN;
  private range: CodeRange = { first: Infinity, last: -Infinity };
  private readonly ranges: CodeRange[] = [];
  private changed = 0;

  /**
   * @param nowUs the clock when the load starts.
   * @param capacity polls that are held in memory at a time.
   * @param retentionDays polls from before so many days are rejected; null: none.
   * @param files that are loaded together; `start()` begins each.
   */
  constructor(
    private readonly writer: PollWriter,
    private readonly nowUs: number,
    capacity?: number,
    private readonly retentionDays: number | null = null,
    private readonly files = 1,
  ) {
    super('polls');
    this.packer = new PollPacker(capacity, files);
  }

  override start(header: readonly string[]): void {
    super.start(header);
    this.packer.beginFile();
    this.range = { first: Infinity, last: -Infinity };
    this.ranges.push(this.range);
  }

  protected override parserFor(header: readonly string[]): PollRowParser {
    return new PollRowParser(this.columns(header), this.stores, this.nowUs, this.retentionDays);
  }

  protected override keep({ store, code }: PollRowParser): void {
    let place = this.place[store] ?? -1;
    if (place < 0) place = this.enter(store);
    this.packer.add(place, code);
    if (code < this.oldest[place]!) this.oldest[place] = code;
    if (code > this.newest[place]!) this.newest[place] = code;
    if (code < this.range.first) this.range.first = code;
    if (code > this.range.last) this.range.last = code;
    const day = Math.floor(code / DAY_CODES);
    if (day !== this.lastDay) {
      this.lastDay = day;
      this.days.add(day);
    }
  }

  override get isFull(): boolean {
    return this.packer.isFull;
  }

  /** @throws NotTogether when there are several files. */
  override makeRoom(): Promise<void> {
    return this.refusingFullDays(() => this.packer.spill());
  }

  /** @throws NotTogether when several files say different things of one instant, and so has what is known before. */
  override async merge(client: pg.PoolClient): Promise<readonly LoadCounts[]> {
    const { packer } = this;
    const counts = await this.refusingFullDays(() =>
      this.writer.merge(client, {
        storeIds: this.polled.map((store) => this.stores.ids[store]!),
        firstPollUs: this.oldest.map(instantOf),
        lastPollUs: this.newest.map(instantOf),
        days: this.days,
        files: this.files,
        orderable: packer.isInMemory,
        storeDays: (order) => packer.storeDays(order),
        checkStaged: () => {
          if (packer.union?.clashes === true)
            throw new NotTogether('two of them say different things of one poll.');
        },
      }),
    );
    return counts.map((count, file) => this.countsOf(count, file));
  }

  private countsOf({ inserted, replaced, unchanged }: MergeCounts, file: number): LoadCounts {
    const { union, superseded } = this.packer;
    this.changed += inserted + replaced;
    const { first, last } = this.ranges[file] ?? this.range;
    return {
      inserted,
      replaced: replaced + (union?.replaced[file] ?? 0),
      unchanged: unchanged + (union?.unchanged[file] ?? 0),
      superseded: union === null ? superseded : union.superseded[file]!,
      range: first > last ? null : [instantOf(first), instantOf(last)],
    };
  }

  override async tidy(client: pg.PoolClient): Promise<void> {
    if (this.changed >= MUCH) await this.writer.analyze(client, this.days);
  }

  override dispose(): void {
    this.packer.dispose();
  }

  private enter(store: number): number {
    // Filled without holes, or the array would become a slow one: stores whose rows were rejected have no place.
    while (this.place.length <= store) this.place.push(-1);
    const place = this.polled.push(store) - 1;
    this.place[store] = place;
    this.oldest.push(Infinity);
    this.newest.push(-Infinity);
    return place;
  }

  private async refusingFullDays<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreDayTooFull) {
        const id = this.stores.ids[this.polled[error.store] ?? -1] ?? '';
        const date = new Date(error.day * 86_400_000).toISOString().slice(0, 10);
        throw tooFull(`The store ${shown(id)} has more than 86,400 polls on ${date}`);
      }
      // The name of a constraint that fails on another node stands in the message alone.
      if ((error as Error).message.includes('"store_day_polls_bounds"'))
        throw tooFull(
          'Together with the polls that are known already, a store has more than 86,400 on one day',
        );
      throw error;
    }
  }
}

function tooFull(what: string): FileRefused {
  return new FileRefused(
    'store_day_too_full',
    `${what}, more than one a second. That is no file of status polls.`,
  );
}

function instantOf(code: number): number {
  return Math.floor(code / 2);
}
