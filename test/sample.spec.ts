import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..');
const SAMPLE = path.join(ROOT, 'data', 'sample');
const FILES = ['store_status.csv', 'menu_hours.csv', 'timezone.csv'];

function read(name: string): string[][] {
  const lines = readFileSync(path.join(SAMPLE, name), 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => line.split(','));
}

interface SamplePoll {
  readonly id: string;
  readonly active: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly fractionDigits: number;
}

const polls: SamplePoll[] = read('store_status.csv').map(([id = '', status, stamp = '']) => ({
  id,
  active: status === 'active',
  at: Date.parse(stamp.replace(' UTC', 'Z').replace(' ', 'T')),
  fractionDigits: /\.(\d+) UTC$/.exec(stamp)?.[1]?.length ?? 0,
}));
const polledIds = [...new Set(polls.map((poll) => poll.id))];
const hours = read('menu_hours.csv').map(([id = '', day, start = '', end = '']) => ({
  id,
  day: Number(day),
  start,
  end,
}));
const hourIds = new Set(hours.map((row) => row.id));
const zones = new Map(read('timezone.csv').map(([id = '', zone = '']) => [id, zone]));
const pollsOf = (id: string): SamplePoll[] =>
  polls.filter((poll) => poll.id === id).sort((a, b) => a.at - b.at);
const weekdaysOf = (id: string): Set<number> =>
  new Set(hours.filter((row) => row.id === id).map((row) => row.day));
const endsOf = (id: string): string[] => hours.filter((row) => row.id === id).map((row) => row.end);

const HOUR_MS = 3_600_000;
const CHANGE_OF_CLOCKS = Date.parse('2023-03-12T09:00:00Z');
const NEWEST = Math.max(...polls.map((poll) => poll.at));

describe('the committed sample', () => {
  it('is what its script writes', () => {
    const check = spawnSync(process.execPath, ['scripts/make-sample.mjs', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(check).toMatchObject({ status: 0, stderr: '' });
  });

  it('stays small enough to be committed', () => {
    const bytes = FILES.reduce((sum, name) => sum + statSync(path.join(SAMPLE, name)).size, 0);
    expect(bytes).toBeLessThan(600_000);
  });

  it('has a change of clocks inside its last week', () => {
    expect(NEWEST - CHANGE_OF_CLOCKS).toBeGreaterThan(48 * HOUR_MS);
    expect(NEWEST - CHANGE_OF_CLOCKS).toBeLessThan(120 * HOUR_MS);
    expect(Math.min(...polls.map((poll) => poll.at))).toBeLessThan(NEWEST - 8 * 24 * HOUR_MS);
  });

  it('has zones with half hours, without summer time, and stores without a zone', () => {
    const expected = [
      'Asia/Kolkata',
      'America/Phoenix',
      'America/Puerto_Rico',
      'Pacific/Honolulu',
      'America/Anchorage',
    ];
    expect([...zones.values()]).toEqual(expect.arrayContaining(expected));
    expect(polledIds.filter((id) => !zones.has(id)).length).toBeGreaterThanOrEqual(3);
  });

  it('has ids that a number would change', () => {
    expect(polledIds.filter((id) => String(Number(id)) !== id && /^\d{19}$/.test(id)).length).toBeGreaterThan(
      10,
    );
    expect(polledIds.filter((id) => /^0\d+$/.test(id)).length).toBeGreaterThan(0);
    expect(
      polledIds.filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)).length,
    ).toBeGreaterThan(3);
  });

  it('writes the active polls first, out of order in time, with one to six digits of a second', () => {
    const firstInactive = polls.findIndex((poll) => !poll.active);
    expect(polls.slice(firstInactive).every((poll) => !poll.active)).toBe(true);
    expect(polls.some((poll, index) => index > 0 && poll.at < (polls[index - 1]?.at ?? 0))).toBe(true);
    expect([...new Set(polls.map((poll) => poll.fractionDigits))].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('has nights in one row and in two, with each way of writing midnight', () => {
    expect(hours).toContainEqual(expect.objectContaining({ start: '22:00:00', end: '02:00:00' }));
    const twoRows = hours.filter((row) => row.start === '00:00:00').map((row) => row.id);
    expect(twoRows.some((id) => endsOf(id).includes('23:59:00'))).toBe(true);
    expect(twoRows.some((id) => endsOf(id).includes('23:59:59'))).toBe(true);
  });

  it('has stores open around the clock in three ways', () => {
    expect(polledIds.some((id) => !hourIds.has(id))).toBe(true);
    expect(hours).toContainEqual(expect.objectContaining({ start: '00:00:00', end: '24:00:00' }));
    expect(hours.some((row) => row.start === row.end)).toBe(true);
  });

  it('has split days, closed weekdays and an opening in the skipped hour', () => {
    const parts = new Map<string, number>();
    for (const { id, day } of hours) parts.set(`${id}/${day}`, (parts.get(`${id}/${day}`) ?? 0) + 1);
    expect([...parts.values()]).toEqual(expect.arrayContaining([2, 3]));
    expect([...hourIds].some((id) => weekdaysOf(id).size === 6)).toBe(true);
    expect(hours.some((row) => row.day === 6 && row.start === '02:30:00')).toBe(true);
  });

  it('has hours for a store that was never polled', () => {
    expect([...hourIds].filter((id) => !polledIds.includes(id)).length).toBeGreaterThan(0);
  });

  it('has a stretch of more than five hours without a poll of any store', () => {
    const instants = polls.map((poll) => poll.at).sort((a, b) => a - b);
    const gaps = instants.slice(1).map((at, index) => at - (instants[index] ?? at));
    expect(Math.max(...gaps)).toBeGreaterThan(5 * HOUR_MS);
  });

  it('has a store never up, one down for days and one that fell silent before the last week', () => {
    expect(polledIds.some((id) => pollsOf(id).every((poll) => !poll.active))).toBe(true);
    const downForDays = polledIds.filter((id) => {
      const lastActive = pollsOf(id).findLast((poll) => poll.active);
      const last = pollsOf(id).at(-1);
      return lastActive !== undefined && last !== undefined && last.at - lastActive.at > 72 * HOUR_MS;
    });
    expect(downForDays.length).toBeGreaterThan(0);
    expect(polledIds.some((id) => (pollsOf(id).at(-1)?.at ?? 0) < NEWEST - 7 * 24 * HOUR_MS)).toBe(true);
  });

  it('has a store that is polled every few hours while the others are polled about hourly', () => {
    const counts = polledIds.map((id) => pollsOf(id).length).sort((a, b) => a - b);
    const median = counts[Math.floor(counts.length / 2)] ?? 0;
    expect(median).toBeGreaterThan(180);
    const sparse = polledIds.filter((id) => {
      const own = pollsOf(id);
      return (
        own.length > 10 &&
        own.length < median / 5 &&
        (own.at(-1)?.at ?? 0) - (own[0]?.at ?? 0) > 8 * 24 * HOUR_MS
      );
    });
    expect(sparse.length).toBeGreaterThan(0);
  });
});
