import fc from 'fast-check';
import { findColumns } from '../rows/header.js';
import { type ListedValues, NoJson, readJsonList, readLines } from '../../platform/http/list-body.js';
import { type ParsedPolls, parseLivePolls, type PollTimes } from './live-poll.parser.js';
import { PollRowParser } from '../rows/poll-row.js';
import { StoreIndex } from '../rows/store-index.js';

const POLLS = { one: 'a poll', many: 'polls', most: 5_000 };
const NOW_US = Date.UTC(2023, 0, 20) * 1_000;
const TIMES: PollTimes = { nowUs: NOW_US, oldest: null };

const listOf = (values: readonly unknown[]): ListedValues => ({
  values,
  pointerOf: (index) => `/${index}`,
  prefixOf: () => '',
});
const parse = (values: readonly unknown[], times = TIMES): ParsedPolls =>
  parseLivePolls(listOf(values), times);

describe('parseLivePolls', () => {
  it('gives the store and the poll code of each', () => {
    const parsed = parse([
      { store_id: '007', status: 'active', timestamp_utc: '2023-01-18T10:00:00.000001Z' },
      { status: 'INACTIVE', store_id: '007' },
    ]);
    const instantUs = Date.UTC(2023, 0, 18, 10) * 1_000 + 1;
    expect(parsed).toEqual({
      storeIds: ['007', '007'],
      polls: [instantUs * 2 + 1, NOW_US * 2],
      bad: 0,
      problems: [],
    });
  });

  it('says yes and no as the rules for files do, and under the same code', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 70 }),
      fc.constantFrom(
        'active',
        'Active ',
        'actve',
        '',
        '1999-12-31T23:59:59Z',
        '2023-01-18 10:00:00',
        '2023-01-18 10:00:00 UTC',
        '2030-01-01T00:00:00Z',
      ),
    );
    fc.assert(
      fc.property(text, text, text, (store_id, status, timestamp_utc) => {
        const row = new PollRowParser(
          findColumns('polls', ['store_id', 'status', 'timestamp_utc']),
          new StoreIndex(),
          NOW_US,
        );
        const problem = row.parse([store_id, status, timestamp_utc]);
        const parsed = parse([{ store_id, status, timestamp_utc }]);
        expect(parsed.polls).toEqual(problem === null ? [row.code] : []);
        if (problem !== null) expect(parsed.problems.map(({ code }) => code)).toContain(problem.code);
      }),
    );
  });

  it.each([
    ['an id that is a number', { store_id: 1 }, '/0/store_id store_id_number'],
    ['an id that is half a character', { store_id: 'x\ud83d' }, '/0/store_id bad_encoding'],
    ['an id with a control character', { store_id: 'a\u0000b' }, '/0/store_id control_character'],
    ['an id of 65 characters', { store_id: 'x'.repeat(65) }, '/0/store_id store_id_too_long'],
    ['a status that is true', { status: true }, '/0/status not_text'],
    ['an instant that is a number', { timestamp_utc: 1674036000 }, '/0/timestamp_utc not_text'],
    ['an instant that is null', { timestamp_utc: null }, '/0/timestamp_utc not_text'],
    ['an instant far ahead', { timestamp_utc: '2023-01-20T00:10:01Z' }, '/0/timestamp_utc future_timestamp'],
    ['an instant of the last century', { timestamp_utc: '1999-12-31T23:59:59Z' }, '/0/timestamp_utc too_old'],
    ['a member that is unknown', { 'a/b~': 1 }, '/0/a~1b~0 unknown_member'],
  ])('refuses %s', (_, member, expected) => {
    const { bad, problems } = parse([{ store_id: '1', status: 'active', ...member }]);
    expect(bad).toBe(1);
    expect(problems.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected]);
  });

  it('says what may be meant', () => {
    const [problem] = parse([{ store_id: '1', status: 'actve' }]).problems;
    expect(problem!.detail).toBe(
      `'actve' is no status. Allowed are active and inactive. Perhaps 'active' is meant.`,
    );
  });

  it('takes an instant at the edge of what is kept, and none before it', () => {
    const oldest = { us: NOW_US - 86_400_000_000, days: 1 };
    const at = (timestamp_utc: string): object => ({ store_id: '1', status: 'active', timestamp_utc });
    const { polls, problems } = parse([at('2023-01-19T00:00:00Z'), at('2023-01-18T23:59:59.999999Z')], {
      ...TIMES,
      oldest,
    });
    expect(polls).toEqual([oldest.us * 2 + 1]);
    expect(problems).toEqual([
      {
        pointer: '/1/timestamp_utc',
        code: 'too_old',
        detail: `'2023-01-18T23:59:59.999999Z' lies more than 1 days back; older polls are not kept here (RETENTION_DAYS).`,
      },
    ]);
  });
});

describe('bodies of live polls', () => {
  it('are lines that count from the first, blank ones too, and may be damaged one by one', () => {
    const body = readLines(Buffer.from('\n{"a": 1}\n  \n{"b"\n'), POLLS);
    expect(body.values).toEqual([{ a: 1 }, expect.any(NoJson)]);
    expect([body.pointerOf(1), body.prefixOf(1)]).toEqual(['/3', 'Line 4: ']);
  });

  it('are a lone object without a place of its own, or a list', () => {
    const lone = readJsonList(Buffer.from('\ufeff{"a": 1}'), POLLS);
    expect([lone.values, lone.pointerOf(0)]).toEqual([[{ a: 1 }], '']);
    expect(readJsonList(Buffer.from('[1, 2]'), POLLS).pointerOf(1)).toBe('/1');
  });
});
