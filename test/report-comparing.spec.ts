import { DataSource } from 'typeorm';
import type { DiffedFiguresView, ReportDiffView } from '../src/reports/reading/report-diff.view.js';
import type { ReportSummaryView } from '../src/reports/reading/report-summary.view.js';
import { startTestApi, type TestApi } from './support/application.js';
import {
  byId,
  inUnit,
  keepReport,
  madeUpStores,
  numbers,
  ratio,
  shown,
  type ShownRow,
  type StoredRow,
  underKey,
} from './support/report-figures.js';

const WINDOWS = ['hour', 'day', 'week'] as const;
type Window = (typeof WINDOWS)[number];
const HOUR_US = 3_600_000_000n;
const UNIT_US = { hour: 60_000_000n, day: HOUR_US, week: HOUR_US };
const FIGURES = ['uptime', 'downtime'].flatMap((figure) =>
  WINDOWS.map((window) => ({
    name: `${figure}_last_${window}` as keyof DiffedFiguresView,
    column: `${window}_${figure}_us`,
    window,
  })),
);

describe('a finished report as a whole', () => {
  let api: TestApi;
  let dataSource: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    dataSource = api.app.get(DataSource);
  });

  afterAll(() => api.close());

  async function summaryOf(id: string): Promise<ReportSummaryView> {
    const { body } = await api.http.get(`/api/v1/reports/${id}/summary`).expect(200);
    return body;
  }

  function totalsOf(rows: readonly StoredRow[], window: Window, unobserved: string): object {
    const sum = (name: string): bigint =>
      rows.reduce((total, row) => total + BigInt(row[`${window}_${name}`] as number), 0n);
    const hours = (us: bigint): number => inUnit(us, HOUR_US);
    const count = (passes: (open: number, up: number, down: number, unknown: number) => boolean): number =>
      rows.filter((row) => {
        const us = (name: string): number => row[`${window}_${name}_us`] as number;
        return passes(us('open'), us('uptime'), us('downtime'), us('unobserved'));
      }).length;
    const [open, up, down, unknown] = [
      sum('open_us'),
      sum('uptime_us'),
      sum('downtime_us'),
      sum('unobserved_us'),
    ];
    const [upMin, downMin] = [sum('uptime_min_us'), sum('downtime_min_us')];
    const percent = (part: bigint, whole: bigint): number | null => ratio(part * 100n, whole, 100n);
    return {
      open_hours: hours(open),
      uptime_hours: hours(up),
      downtime_hours: hours(down),
      unobserved_hours: hours(unknown),
      excluded_hours: hours(open - up - down),
      observed_uptime_hours: hours(up),
      observed_downtime_hours: hours(unobserved === 'down' ? down - unknown : down),
      uptime_min_hours: hours(upMin),
      uptime_max_hours: hours(open - downMin),
      inactive_hours: hours(sum('inactive_us')),
      availability_percent: percent(up, up + down),
      availability_min_percent: percent(upMin, open),
      availability_max_percent: percent(open - downMin, open),
      coverage: ratio(upMin + downMin, open, 10_000n),
      polls: Number(sum('polls')),
      polls_outside_hours: Number(sum('polls_outside')),
      stores: {
        without_open_time: count((o) => o === 0),
        fully_unobserved: count((o, _u, _d, n) => o > 0 && n === o),
        always_up: count((o, _u, d, n) => n < o && d === 0),
        always_down: count((o, u, _d, n) => n < o && u === 0),
        partly_up: count((o, u, d, n) => n < o && u > 0 && d > 0),
      },
    };
  }

  function totals(rows: readonly StoredRow[], unobserved: string): object {
    return Object.fromEntries(
      WINDOWS.map((window) => [`last_${window}`, totalsOf(rows, window, unobserved)]),
    );
  }

  describe('summed up', () => {
    it.each([1, 2, 3, 4, 5, 6])('adds up to its rows exactly (%d)', async (seed) => {
      const rows = madeUpStores(seed, numbers(seed)(120) + 5);
      const unobserved = seed % 2 === 0 ? 'down' : 'exclude';
      const id = await keepReport(dataSource, rows, { unobserved });
      const summary = await summaryOf(id);
      expect(summary.stores).toBe(rows.length);
      expect(summary.totals).toEqual(totals(rows, unobserved));
      expect(summary.counts).toEqual({
        assumed_zone: rows.filter((row) => row['assumed_zone']).length,
        assumed_hours: rows.filter((row) => row['assumed_hours']).length,
        with_outages: rows.filter((row) => Number(row['outages']) > 0).length,
        outages: rows.reduce((sum, row) => sum + Number(row['outages']), 0),
      });
      const { zones } = summary;
      const names = new Set(rows.map((row) => row['zone'] as string | null));
      expect(new Set(zones.map(({ zone }) => zone))).toEqual(names);
      for (const { zone, stores, totals: ofZone } of zones) {
        const members = rows.filter((row) => row['zone'] === zone);
        expect([zone, stores]).toEqual([zone, members.length]);
        expect(ofZone).toEqual(totals(members, unobserved));
      }
      expect(zones.map(({ stores }) => stores)).toEqual(
        zones.map(({ stores }) => stores).sort((a, b) => b - a),
      );
    });

    it.each([11, 12, 13])('tells how its stores are spread (%d)', async (seed) => {
      const rows = madeUpStores(seed, 90);
      const id = await keepReport(dataSource, rows);
      const summary = await summaryOf(id);
      for (const window of WINDOWS) {
        const us = (row: StoredRow, name: string): number => row[`${window}_${name}_us`] as number;
        const counted = rows.filter((row) => us(row, 'uptime') + us(row, 'downtime') > 0);
        const distribution = summary.distribution[`last_${window}`];
        expect(distribution.without).toBe(rows.length - counted.length);
        expect(distribution.bins).toHaveLength(20);
        for (const { from, to, stores } of distribution.bins) {
          const inside = counted.filter((row) => {
            const [up, all] = [us(row, 'uptime') * 100, us(row, 'uptime') + us(row, 'downtime')];
            return up >= from * all && (up < to * all || to === 100);
          });
          expect([window, from, stores]).toEqual([window, from, inside.length]);
        }
        const shownRows = counted.map(shown);
        for (const [figure, name] of [
          ['availability_percent', 'availability'],
          ['downtime', 'downtime'],
        ] as const) {
          const values = shownRows
            .map((row) => row[`${name}_last_${window}`] as number)
            .sort((a, b) => a - b);
          const nearestRank = (percent: number): number =>
            values[Math.max(0, Math.ceil((percent * values.length) / 100) - 1)]!;
          expect(summary.quantiles[`last_${window}`][figure]).toEqual(
            Object.fromEntries([1, 5, 25, 50, 75, 95, 99].map((p) => [`p${p}`, nearestRank(p)])),
          );
        }
        expectWorst(summary.worst[`last_${window}`], rows, window);
        expectWorst(
          summary.worst_partly_up[`last_${window}`],
          rows.filter((row) => row['assumed_hours'] === false && us(row, 'uptime') > 0),
          window,
        );
      }
    });

    function expectWorst(told: unknown, rows: readonly StoredRow[], window: Window): void {
      const down = rows.filter((row) => Number(row[`${window}_downtime_us`]) > 0).map(shown);
      const of = (row: ShownRow, name: string): number => row[`${name}_last_${window}`] as number;
      const worst = down.sort((a, b) => of(b, 'downtime') - of(a, 'downtime') || byId(a, b)).slice(0, 10);
      expect(told).toEqual(
        worst.map((row) => ({
          store_id: row['store_id'],
          zone: row['zone'],
          assumed_hours: row['assumed_hours'],
          uptime: of(row, 'uptime'),
          downtime: of(row, 'downtime'),
          unobserved: of(row, 'unobserved'),
          availability_percent: of(row, 'availability'),
        })),
      );
    }

    it('is null, not zero, where there is nothing to divide by', async () => {
      const closed = madeUpStores(1, 3).map((row) => {
        const figures = Object.entries(row).map(([name, value]) => [
          name,
          /^(hour|day|week)_/.test(name) ? 0 : value,
        ]);
        return Object.fromEntries(figures) as StoredRow;
      });
      const summary = await summaryOf(await keepReport(dataSource, closed));
      expect(summary.totals.last_week).toMatchObject({
        availability_percent: null,
        coverage: null,
        stores: { without_open_time: 3, always_up: 0, always_down: 0 },
      });
      expect(summary.quantiles.last_week.downtime).toMatchObject({ p1: null, p99: null });
      expect(summary.worst.last_week).toEqual([]);
    });

    it('is counted once, for all requests that were answered with the same rows', async () => {
      const id = await keepReport(dataSource, madeUpStores(21, 30));
      const address = `/api/v1/reports/${id}/summary`;
      const first = await api.http.get(address).expect(200);
      const query = jest.spyOn(dataSource, 'query');
      const again = await api.http.get(address).expect(200);
      expect(again.text).toBe(first.text);
      expect(query.mock.calls.filter(([sql]) => sql.includes('UPDATE'))).toEqual([]);
      query.mockRestore();
      await api.http.get(address).set('If-None-Match', first.headers['etag']!).expect(304);
      await api.http.get(`${address}?x=1`).expect(400);
    });
  });

  describe('compared with another', () => {
    async function diff(id: string, other: string, query = ''): Promise<ReportDiffView> {
      const { body } = await api.http
        .get(`/api/v1/reports/${id}/diff/${other}?limit=500&${query}`)
        .expect(200);
      return body;
    }

    const figuresOf = (row: StoredRow | undefined): object | null =>
      row === undefined
        ? null
        : Object.fromEntries(
            FIGURES.map(({ name, column, window }) => [
              name,
              inUnit(BigInt(row[column] as number), UNIT_US[window]),
            ]),
          );

    it.each<[string, Window | null]>([
      ['', null],
      ['window=last_hour', 'hour'],
      ['window=last_day', 'day'],
      ['window=last_week', 'week'],
    ])('tells every store that differs, by how much, largest first: %s', async (query, window) => {
      const before = madeUpStores(31, 80);
      const next = numbers(32);
      const after = before
        .filter((_, place) => place % 9 !== 0)
        .map((row): StoredRow => {
          const moved = underKey(row, Number(row['store_key']) + 500);
          for (const { column } of FIGURES)
            if (next(4) === 0) moved[column] = Number(row[column]) + next(3) * 1_234_567;
          return moved;
        })
        .concat(
          madeUpStores(33, 90)
            .slice(80)
            .map((row) => underKey(row, Number(row['store_key']) + 900)),
        );
      const [a, b] = [await keepReport(dataSource, before), await keepReport(dataSource, after)];
      const body = await diff(a, b, query);
      const mine = new Map(before.map((row) => [row.store_id, row]));
      const theirs = new Map(after.map((row) => [row.store_id, row]));
      const compared = FIGURES.filter((figure) => window === null || figure.window === window);
      const delta = (id: string, column: string): number =>
        Number(mine.get(id)![column]) - Number(theirs.get(id)![column]);
      const size = (id: string): number =>
        Math.max(...compared.map(({ column }) => Math.abs(delta(id, column))));
      const bytes = (one: string, other: string): number =>
        Buffer.compare(Buffer.from(one), Buffer.from(other));
      const both = [...mine.keys()].filter((id) => theirs.has(id));
      const changed = both.filter((id) => size(id) > 0).sort((x, y) => size(y) - size(x) || bytes(x, y));
      const onlyThis = [...mine.keys()].filter((id) => !theirs.has(id)).sort(bytes);
      const onlyOther = [...theirs.keys()].filter((id) => !mine.has(id)).sort(bytes);
      expect(body.counts).toEqual({
        changed: changed.length,
        unchanged: both.length - changed.length,
        only_in_this: onlyThis.length,
        only_in_other: onlyOther.length,
      });
      const data = body.data;
      expect(data.map((row) => row.store_id)).toEqual([...changed, ...onlyThis, ...onlyOther]);
      for (const row of data) {
        expect(row.this).toEqual(figuresOf(mine.get(row.store_id)));
        expect(row.other).toEqual(figuresOf(theirs.get(row.store_id)));
        if (!both.includes(row.store_id)) expect([row.delta, row.delta_us]).toEqual([null, null]);
        else
          for (const { name, column, window: of } of FIGURES) {
            const us = delta(row.store_id, column);
            const exact = inUnit(BigInt(Math.abs(us)), UNIT_US[of]) * (us < 0 ? -1 : 1);
            expect([row.delta_us![name], row.delta![name]]).toEqual([us, exact === 0 ? 0 : exact]);
          }
      }
      const parts = { changed, this: onlyThis, other: onlyOther };
      for (const [part, ids] of Object.entries(parts)) {
        const some = await diff(a, b, `${query}&only=${part}`);
        expect([part, some.total]).toEqual([part, ids.length]);
        expect(some.data.map((row) => row.store_id)).toEqual(ids);
      }
    });

    it('gives the opposite when it is asked the other way round', async () => {
      const [a, b] = [madeUpStores(41, 70), madeUpStores(42, 60)];
      const [one, other] = [await keepReport(dataSource, a), await keepReport(dataSource, b)];
      const [there, back] = [await diff(one, other), await diff(other, one)];
      expect(back.counts.only_in_this).toBe(there.counts.only_in_other);
      expect(back.total).toBe(there.total);
      const opposite = (delta: DiffedFiguresView | null): object | null =>
        delta &&
        Object.fromEntries(Object.entries(delta).map(([name, value]) => [name, value === 0 ? 0 : -value]));
      const turned = back.data.map((row) => ({
        store_id: row.store_id,
        this: row.other,
        other: row.this,
        delta: opposite(row.delta),
        delta_us: opposite(row.delta_us),
      }));
      const ids = (rows: readonly { store_id: string }[]): unknown[] =>
        [...rows].sort((x, y) => (x.store_id < y.store_id ? -1 : 1));
      expect(ids(turned)).toEqual(ids(there.data));
    });

    it('finds nothing between a report and itself', async () => {
      const id = await keepReport(dataSource, madeUpStores(43, 20));
      expect(await diff(id, id)).toMatchObject({
        differs_in: [],
        counts: { changed: 0, unchanged: 20, only_in_this: 0, only_in_other: 0 },
        data: [],
        total: 0,
      });
    });

    it('pages without a gap or a store twice, and says why figures may differ', async () => {
      const [a, b] = [madeUpStores(44, 60), madeUpStores(45, 70)];
      const [one, other] = [
        await keepReport(dataSource, a),
        await keepReport(dataSource, b, { unobserved: 'exclude' }),
      ];
      const whole = await diff(one, other);
      expect(whole.differs_in).toEqual(['options.unobserved']);
      expect(whole.this).toMatchObject({ id: one, as_of: '2023-01-25T18:13:22.479220Z', stores: 60 });
      expect(whole.other).toMatchObject({ id: other, options: { unobserved: 'exclude' }, stores: 70 });
      const ids: string[] = [];
      for (let offset = 0; offset < Number(whole.total); offset += 13) {
        const { body } = await api.http
          .get(`/api/v1/reports/${one}/diff/${other}?limit=13&offset=${offset}`)
          .expect(200);
        ids.push(...(body.data as ReportDiffView['data']).map((row) => row.store_id));
      }
      expect(ids).toEqual(whole.data.map((row) => row.store_id));
      const { body } = await api.http
        .get(`/api/v1/reports/${one}/diff/${other}?only=most&window=week&x=1`)
        .expect(400);
      expect(body.detail).toMatch(
        /Allowed here: window, only, offset, limit.*window has to be one of last_hour.*only has to be one of changed, this, other/,
      );
    });
  });
});
