import type pg from 'pg';
import type { CsvBlock } from '../../platform/csv/csv-block.js';
import { formatDate } from '../../platform/wall-time.js';
import type { ExceptionsLoad as Given, ExceptionsWriter } from '../../stores/calendar/exceptions.writer.js';
import { ExceptionsLoad } from './exceptions-load.js';

interface Outcome {
  /** `store date start-end …` of each date that would be written. */
  dates: string[];
  superseded: number;
}

/** What a file of these rows would write into a database that knows nothing. */
async function outcomeOf(lines: readonly string[]): Promise<Outcome> {
  const dates: string[] = [];
  const writer: Pick<ExceptionsWriter, 'merge'> = {
    merge(_client, { storeIds, storeDates }: Given) {
      for (const { store, date, pairs } of storeDates)
        dates.push([storeIds[store], formatDate(date), ...pairs].join(' '));
      return Promise.resolve({ inserted: 0, replaced: 0, unchanged: 0 });
    },
  };
  const load = new ExceptionsLoad(writer as ExceptionsWriter);
  load.start(['store_id', 'date', 'start_time_local', 'end_time_local']);
  const block = { rows: lines.map((line) => line.split(',')) } as CsvBlock;
  load.take(block, 0, {
    isFull: false,
    add: (_line, _raw, { detail }) => {
      throw new Error(detail);
    },
  });
  const [counts] = await load.merge({} as pg.PoolClient);
  return { dates, superseded: counts!.superseded };
}

describe('ExceptionsLoad', () => {
  it('gathers the windows of each store and date, in order', async () => {
    const outcome = await outcomeOf([
      'b,2023-12-24,14:00,18:00',
      'a,2023-12-24,09:00,10:00',
      'b,2023-12-24,00:00,24:00',
      'b,1900-01-01,,',
      'b,2199-12-31,23:59:59,00:00',
    ]);
    expect(outcome).toEqual({
      dates: [
        'b 2023-12-24 0 86400 50400 64800',
        'b 1900-01-01',
        'b 2199-12-31 86399 0',
        'a 2023-12-24 32400 36000',
      ],
      superseded: 0,
    });
  });

  it('lets a closed row take the place of the windows before it', async () => {
    const lines = ['a,2023-12-24,09:00,10:00', 'a,2023-12-24,14:00,18:00', 'a,2023-12-24,,'];
    expect(await outcomeOf(lines)).toEqual({ dates: ['a 2023-12-24'], superseded: 2 });
  });

  it('lets windows take the place of a closed row before them', async () => {
    const lines = ['a,2023-12-24,,', 'a,2023-12-24,14:00,18:00', 'a,2023-12-24,09:00,10:00'];
    expect(await outcomeOf(lines)).toEqual({
      dates: ['a 2023-12-24 32400 36000 50400 64800'],
      superseded: 1,
    });
  });

  it('counts a row that says the same again as superseded', async () => {
    const lines = [
      'a,2023-12-24,,',
      'a,2023-12-24,,',
      'a,2023-12-25,09:00,10:00',
      'a,2023-12-25,9:00,10:00:00',
    ];
    expect(await outcomeOf(lines)).toEqual({
      dates: ['a 2023-12-24', 'a 2023-12-25 32400 36000'],
      superseded: 2,
    });
  });

  it('accounts for every row of a file that contradicts itself again and again', async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) =>
      n % 3 === 0 ? 'a,2023-12-24,,' : `a,2023-12-24,09:00,${10 + (n % 3)}:00`,
    );
    const { dates, superseded } = await outcomeOf(lines);
    expect(dates).toEqual(['a 2023-12-24 32400 39600 32400 43200']);
    expect(superseded).toBe(2_998);
  });
});
