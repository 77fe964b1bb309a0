import type { Availability } from '../../availability/index.js';
import { MostDiffering } from './most-differing.js';

type Window = 'lastHour' | 'lastDay' | 'lastWeek';

/** Figures that are 0 but for those that are given. */
function under(figures: Partial<Record<Window, { uptimeUs?: number; downtimeUs?: number }>>): Availability {
  const windows = (['lastHour', 'lastDay', 'lastWeek'] as const).map((window) => [
    window,
    { uptimeUs: 0, downtimeUs: 0, ...figures[window] },
  ]);
  return Object.fromEntries(windows) as Availability;
}

const week = (uptimeUs: number): Availability => under({ lastWeek: { uptimeUs } });

describe('the stores that differ most', () => {
  it.each(['lastHour', 'lastDay', 'lastWeek'] as const)(
    'are also those that differ in the %s alone',
    (window) => {
      for (const figure of ['uptimeUs', 'downtimeUs']) {
        const most = new MostDiffering(['a', 'b', 'c']);
        most.add('s', 'UTC', [under({}), under({}), under({ [window]: { [figure]: 1 } })]);
        expect(most.differing).toBe(1);
        expect(most.present()).toHaveLength(1);
      }
    },
  );

  it('hold none whose figures are the same under all sets', () => {
    const most = new MostDiffering(['a', 'b']);
    most.add('s', 'UTC', [week(7), week(7)]);
    expect(most.differing).toBe(0);
    expect(most.present()).toEqual([]);
  });

  it('are fifty, in order, however many there are and in whatever order they come', () => {
    const stores = Array.from({ length: 400 }, (_, n) => ({
      id: `s${(n * 7919) % 400}`,
      spreadUs: (n * 31) % 60,
    }));
    const expected = stores
      .toSorted((one, other) => other.spreadUs - one.spreadUs || (one.id < other.id ? -1 : 1))
      .slice(0, 50);
    for (const order of [stores, stores.toReversed(), expected, expected.toReversed()]) {
      const most = new MostDiffering(['a', 'b', 'c']);
      for (const { id, spreadUs } of order)
        most.add(id, 'UTC', [
          week(5 + spreadUs),
          week(5),
          under({ lastWeek: { uptimeUs: 5, downtimeUs: 1 } }),
        ]);
      expect(
        most
          .present()
          .map(({ store_id, uptime_last_week_spread_us }) => [store_id, uptime_last_week_spread_us]),
      ).toEqual(expected.map(({ id, spreadUs }) => [id, spreadUs]));
      expect(most.differing).toBe(order.length);
    }
  });

  it('stand in the order of the bytes of their ids where they differ alike', () => {
    const most = new MostDiffering(['a', 'b']);
    const ids = ['b', 'B', 'é', '\u{1F3EA}', '\uFF5E', '10', '9'];
    for (const id of ids) most.add(id, 'UTC', [week(0), week(1)]);
    expect(most.present().map(({ store_id }) => store_id)).toEqual([
      '10',
      '9',
      'B',
      'b',
      'é',
      '\uFF5E',
      '\u{1F3EA}',
    ]);
  });

  it('are shown with the figures of each set as a report shows them', () => {
    const most = new MostDiffering(['a', 'b']);
    most.add('s', 'Asia/Kolkata', [
      under({ lastHour: { uptimeUs: 300_000 }, lastWeek: { uptimeUs: 54_000_000 } }),
      under({ lastHour: { uptimeUs: 299_999 }, lastDay: { downtimeUs: 3_600_000_000 } }),
    ]);
    const none = {
      uptime_last_hour: 0,
      uptime_last_day: 0,
      uptime_last_week: 0,
      downtime_last_hour: 0,
      downtime_last_day: 0,
      downtime_last_week: 0,
    };
    expect(most.present()).toEqual([
      {
        store_id: 's',
        zone: 'Asia/Kolkata',
        uptime_last_week_spread: 0.02,
        uptime_last_week_spread_us: 54_000_000,
        figures: [
          { ...none, set: 'a', uptime_last_hour: 0.01, uptime_last_week: 0.02 },
          { ...none, set: 'b', downtime_last_day: 1 },
        ],
      },
    ]);
  });
});
