import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { COLUMNS, FILE_NAMES } from '../src/ingestion/file-kind.js';
import { ImportsService } from '../src/ingestion/imports/imports.service.js';
import type { RejectView } from '../src/ingestion/rejects/reject.view.js';
import { RejectsReader } from '../src/ingestion/rejects/rejects.reader.js';
import { startTestApi, type TestApi } from './support/application.js';
import {
  type Damage,
  type Damaged,
  DAMAGED_KINDS,
  type DamagedKind,
  DAMAGES,
  encode,
  factOf,
  FILE_DAMAGES,
  type Values,
  write,
} from './support/damage.js';
import { type Outcome, readThrough } from './support/read-through.js';

/** What has to come out of a damaged file. */
interface Expected extends Outcome {
  /** What is known afterwards, where nothing was before. */
  facts: string[];
}

interface DamagedFile {
  kind: DamagedKind;
  /** For messages. */
  damages: string[];
  bytes: Buffer;
  expected: Expected;
}

const id = fc.constantFrom('7', '0012', 'é東', '8419537941919820732', 'a b');
const second = fc.nat(9).map((at) => `2023-01-22 12:00:0${at} UTC`);
const time = fc.constantFrom('00:00:00', '09:00:00', '17:30:00', '22:00:00');
const GOOD: Readonly<Record<DamagedKind, fc.Arbitrary<Values>>> = {
  polls: fc.record({ store_id: id, status: fc.constantFrom('active', 'inactive'), timestamp_utc: second }),
  hours: fc.record({
    store_id: id,
    day: fc.constantFrom('0', '3', '6'),
    start_time_local: time,
    end_time_local: time,
  }),
  zones: fc.record({
    store_id: id,
    timezone_str: fc.constantFrom('America/Boise', 'Asia/Beirut', 'Asia/Kolkata'),
  }),
};

const ending = fc.constantFrom('\n', '\r\n', '\r');
/** A cell that makes a row of several physical lines, or none of it. */
const note = (delimiter: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    'n',
    'n',
    'n',
    `"a${delimiter}b"`,
    '"two\nlines"',
    '"two\r\nlines"',
    '"three\r\rlines"',
    '"say ""so"" "',
  );

/** Good rows, some of them damaged; between them blank lines. */
function damagedFile(kind: DamagedKind, damages: readonly Damage[], most: number): fc.Arbitrary<DamagedFile> {
  const own: string[] = COLUMNS[kind].map(([name]) => name);
  const format = fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    columns: fc.shuffledSubarray([...own, 'note'], { minLength: own.length + 1 }),
  });
  return format.chain((given) => {
    const good = fc
      .tuple(GOOD[kind], note(given.delimiter))
      .map(([values, text]): Damaged & { name: string } => ({
        name: '',
        text: write({ ...values, note: text }, given),
        effect: { good: [values] },
      }));
    const damaged = fc.tuple(GOOD[kind], fc.constantFrom(...damages)).map(([values, damage]) => {
      const { text, effect } = damage.apply(values, given);
      return { name: damage.name, text, effect };
    });
    const blank = fc.constant({ name: '', text: '', effect: { good: [] } });
    const row = fc.oneof(
      { weight: 6, arbitrary: good },
      { weight: 3, arbitrary: damaged },
      { weight: 1, arbitrary: blank },
    );
    return fc
      .record({
        rows: fc.array(fc.tuple(row, ending), { minLength: 1, maxLength: most }),
        headerEnding: ending,
        hasMark: fc.boolean(),
        isCapital: fc.boolean(),
      })
      .map(({ rows, headerEnding, hasMark, isCapital }) => {
        const name = (column: string): string => (isCapital ? column.toUpperCase() : column);
        const file = new FileUnderWay(kind, name);
        file.text = `${hasMark ? '\ufeff' : ''}${given.columns.map(name).join(given.delimiter)}${headerEnding}`;
        for (const [one, end] of rows) file.add(one, end);
        return { kind, damages: file.damages, bytes: encode(file.text), expected: file.expected() };
      });
  });
}

/** Writes a file row by row, and keeps account of what has to come of it. */
class FileUnderWay {
  text = '';
  readonly damages: string[] = [];
  private line = 2;
  private read = 0;
  private readonly rejects: Outcome['rejects'] = [];
  private readonly facts = new Map<string, string>();

  constructor(
    private readonly kind: DamagedKind,
    private readonly nameOf: (column: string) => string,
  ) {}

  add({ name, text, effect }: Damaged & { name: string }, end: string): void {
    if (name !== '') this.damages.push(name);
    // A line feed behind a carriage return would make one line ending of two.
    this.text += this.text.endsWith('\r') && text === '' && end === '\n' ? '\r\n' : text + end;
    if ('rejects' in effect) {
      for (const [offset, code, column] of effect.rejects) {
        this.rejects.push({
          line: this.line + offset,
          code,
          column: column === null ? null : this.nameOf(column),
        });
      }
      this.read += effect.rejects.length;
    } else {
      this.read += effect.good.length;
      for (const values of effect.good) {
        const { about, fact } = factOf(this.kind, values);
        this.facts.set(about, fact);
      }
    }
    this.line += 1 + (text.match(/\r\n|\r|\n/g)?.length ?? 0);
  }

  expected(): Expected {
    const { read, rejects } = this;
    const refusal = this.refusal();
    return {
      read,
      rejects,
      good: read - rejects.length,
      refusal,
      facts: refusal === null ? [...this.facts.values()].toSorted() : [],
    };
  }

  private refusal(): string | null {
    const broken = this.rejects.filter(({ code }) => code === 'bad_quotes').map(({ line }) => line);
    if (broken.some((line, index) => broken[index + 10] === line + 10)) return 'quotes_broken';
    return this.read > 0 && this.rejects.length === this.read ? 'too_many_rejects' : null;
  }
}

const anyFile = (most: number): fc.Arbitrary<DamagedFile> =>
  fc.oneof(...DAMAGED_KINDS.map((kind) => damagedFile(kind, damagesOf(kind), most)));

function damagesOf(kind: DamagedKind): Damage[] {
  return DAMAGES.filter(({ kinds }) => kinds.includes(kind));
}

describe('a file that is damaged', () => {
  it('is damaged in more than 40 ways, each with a name of its own', () => {
    expect(new Set(DAMAGES.map(({ name }) => name)).size).toBe(DAMAGES.length);
    expect(DAMAGES.length).toBeGreaterThanOrEqual(40);
  });

  it.each(DAMAGES.flatMap((damage) => damage.kinds.map((kind) => [kind, damage.name, damage] as const)))(
    'of %s accounts for every line: %s',
    async (kind, _name, damage) => {
      await fc.assert(
        fc.asyncProperty(
          damagedFile(kind as DamagedKind, [damage], 8),
          fc.integer({ min: 1, max: 400 }),
          async ({ bytes, expected }, blockBytes) => {
            const { read, good, rejects } = await readThrough(kind, bytes, blockBytes);
            expect({ read, good, rejects }).toEqual({
              read: expected.read,
              good: expected.good,
              rejects: expected.rejects,
            });
          },
        ),
        { numRuns: 12 },
      );
    },
  );

  it('accounts for every line of 1,000 files with all kinds of damage in them', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile(30), fc.integer({ min: 1, max: 5000 }), async (file, blockBytes) => {
        const { read, good, rejects } = await readThrough(file.kind, file.bytes, blockBytes);
        expect({ read, good, rejects }).toEqual({
          read: file.expected.read,
          good: file.expected.good,
          rejects: file.expected.rejects,
        });
      }),
      { numRuns: 1000 },
    );
  });

  describe('and loaded', () => {
    let api: TestApi;
    let imports: ImportsService;
    let database: DataSource;
    let folder: string;

    beforeAll(async () => {
      api = await startTestApi();
      imports = api.app.get(ImportsService, { strict: false });
      database = api.app.get(DataSource);
      folder = await mkdtemp(path.join(tmpdir(), 'storewatch-test-'));
    });

    afterAll(async () => {
      await api.close();
      await rm(folder, { recursive: true });
    });

    const FACTS: Readonly<Record<DamagedKind, string>> = {
      polls: `SELECT concat_ws(' ', store_id, status, timestamp_utc AT TIME ZONE 'UTC') AS text FROM store_status`,
      hours: `SELECT concat_ws(' ', store_id, day, start_time_local, end_time_local) AS text FROM menu_hours`,
      zones: `SELECT concat_ws(' ', store_id, zone) AS text FROM stores WHERE zone IS NOT NULL`,
    };

    async function facts(kind: DamagedKind): Promise<string[]> {
      const rows = (await database.query(FACTS[kind])) as { text: string }[];
      return rows.map(({ text }) => text).toSorted();
    }

    let files = 0;
    async function load(kind: DamagedKind, bytes: Buffer): ReturnType<ImportsService['findEnded']> {
      const directory = path.join(folder, String(files++));
      await mkdir(directory);
      await writeFile(path.join(directory, FILE_NAMES[kind]), bytes);
      const { id: importId } = await imports.requestDirectory(directory);
      return imports.findEnded(importId, 25);
    }

    it('counts every row once, keeps every good one, and tells each reject', async () => {
      const reader = api.app.get(RejectsReader, { strict: false });
      await fc.assert(
        fc.asyncProperty(anyFile(40), async ({ kind, bytes, expected }) => {
          await database.query('TRUNCATE stores, imports CASCADE');
          const view = await load(kind, bytes);
          const file = view.files[0]!;
          expect(file.error_code).toBe(expected.refusal);
          const { data } = await reader.list(view.id, { limit: 500 });
          const told = data.map(({ line, code, column }: RejectView) => ({ line, code, column }));
          expect(told).toEqual(expected.rejects);
          expect(await facts(kind)).toEqual(expected.facts);
          expect([file.read, file.rejected]).toEqual([expected.read, expected.rejects.length]);
          if (expected.refusal !== null) return;
          const distinct = expected.facts.length;
          expect([file.inserted, file.replaced, file.unchanged, file.superseded]).toEqual([
            distinct,
            0,
            0,
            expected.good - distinct,
          ]);
        }),
        { numRuns: 30 },
      );
    });

    it.each(FILE_DAMAGES)(
      'is refused whole, or as good as before, when $name',
      async ({ apply, refusal }) => {
        const good = fc
          .constantFrom(...DAMAGED_KINDS)
          .chain((kind) => damagedFile(kind, damagesOf(kind).slice(-1), 8));
        await fc.assert(
          fc.asyncProperty(good, async ({ kind, bytes, expected }) => {
            await database.query('TRUNCATE stores, imports CASCADE');
            const view = await load(kind, apply(bytes));
            expect(view.files[0]!.error_code).toBe(refusal ?? expected.refusal);
            expect(await facts(kind)).toEqual(refusal === null ? expected.facts : []);
          }),
          { numRuns: 3 },
        );
      },
    );

    it('counts every row once where something was known before', async () => {
      const pair = fc
        .constantFrom(...DAMAGED_KINDS)
        .chain((kind) =>
          fc.tuple(damagedFile(kind, damagesOf(kind), 15), damagedFile(kind, damagesOf(kind), 15)),
        );
      await fc.assert(
        fc.asyncProperty(pair, async ([before, after]) => {
          await database.query('TRUNCATE stores, imports CASCADE');
          await load(before.kind, before.bytes);
          const { files: loaded } = await load(after.kind, after.bytes);
          const { inserted, replaced, unchanged, superseded, rejected, read, status } = loaded[0]!;
          if (status !== 'completed') return;
          expect(inserted + replaced + unchanged + superseded + rejected).toBe(read);
          expect(inserted + replaced + unchanged).toBe(after.expected.facts.length);
          const known = await facts(after.kind);
          expect(known).toEqual(expect.arrayContaining(after.expected.facts));
        }),
        { numRuns: 15 },
      );
    });
  });
});
