import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { CsvReader, type CsvOptions } from './csv-reader.js';
import type { BadRecord } from './csv-block.js';

interface Read {
  rows: string[][];
  lines: number[];
  raws: string[];
  damaged: (number | null)[];
  bad: BadRecord[];
  reader: CsvReader;
}

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(
  content: string | Buffer,
  sizes: number[] = [1 << 20],
  options: CsvOptions = {},
): Promise<Read> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const reader = new CsvReader(pieces(bytes, sizes), options);
  const result: Read = { rows: [], lines: [], raws: [], damaged: [], bad: [], reader };
  for await (const block of reader.blocks()) {
    block.rows.forEach((row, index) => {
      result.rows.push(row);
      result.lines.push(block.lineOf(index));
      result.raws.push(block.rawOf(index));
      result.damaged.push(row.join().includes('\ufffd') ? block.damagedByteOf(index) : null);
    });
    result.bad.push(...block.bad);
  }
  return result;
}

describe('CsvReader', () => {
  it('reads LF, CRLF and CR in one file, each for what it is', async () => {
    const { rows, lines } = await read('a,b\n1,2\r\n3,4\r5,6\n');
    expect(rows).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
    expect(lines).toEqual([1, 2, 3, 4]);
  });

  it('reads quoted cells with delimiters, line ends and doubled quotes, and counts their lines', async () => {
    const { rows, lines, raws } = await read('a,b\n"x,y","say ""hi""\r\nthere"\n1,2\n');
    expect(rows).toEqual([
      ['a', 'b'],
      ['x,y', 'say "hi"\r\nthere'],
      ['1', '2'],
    ]);
    expect(lines).toEqual([1, 2, 4]);
    expect(raws[1]).toBe('"x,y","say ""hi""\r\nthere"');
  });

  it('passes over blank lines, but counts them', async () => {
    const { rows, lines } = await read('\na,b\n\n  \n1,2\n\n\n"3",4\n\n');
    expect(rows).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(lines).toEqual([2, 5, 8]);
  });

  it.each([',', ';', '\t', '|'])(
    'finds out from the header that cells are parted by %j',
    async (delimiter) => {
      const { rows } = await read(`a${delimiter}b\n1${delimiter}2`);
      expect(rows).toEqual([
        ['a', 'b'],
        ['1', '2'],
      ]);
    },
  );

  it.each([
    ['a;b\n1;2', 'a;b', ';'],
    ['\ufeff\n A\t"b ""c"""\r\n1\t2', ' A\t"b ""c"""', '\t'],
    ['"store,id";b\r1;2', '"store,id";b', ';'],
    ['"a,b\n1,2\n', null, ','],
  ])('keeps the header of %j as it stands, and what parts its cells', async (text, header, delimiter) => {
    for (const sizes of [[1], [1 << 20]]) {
      const { reader } = await read(text, sizes);
      expect([reader.header, reader.delimiter]).toEqual([header, delimiter]);
    }
  });

  it('drops the byte order mark', async () => {
    expect((await read('\ufeffa,b\n1,2')).rows[0]).toEqual(['a', 'b']);
  });

  it.each(['utf16le', 'utf16be'])('decodes %s by its mark', async (encoding) => {
    const bytes = Buffer.from('\ufeffa,é\n1,€', 'utf16le');
    if (encoding === 'utf16be') bytes.swap16();
    expect((await read(bytes, [1])).rows).toEqual([
      ['a', 'é'],
      ['1', '€'],
    ]);
  });

  it('keeps a character whole when a piece ends inside it', async () => {
    expect((await read('a,b\né€😀,x\nplain,é\n', [1])).rows).toEqual([
      ['a', 'b'],
      ['é€😀', 'x'],
      ['plain', 'é'],
    ]);
  });

  it('tells bytes that are no UTF-8 as U+FFFD', async () => {
    expect((await read(Buffer.from([0x61, 0x0a, 0xff, 0x78, 0x0a]))).rows).toEqual([['a'], ['\ufffdx']]);
  });

  it('says at which byte of the file a row stops being UTF-8, however it is cut', async () => {
    const damage = fc.constantFrom(
      [0xff],
      [0xe9, 0x20],
      [0xc3],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xed, 0xa0, 0x80],
      [0xc0, 0xaf],
      [0xf5],
      [0xef, 0xbf, 0xbd],
    );
    const text = fc
      .constantFrom('x', 'é', '€😀', '"q"', '"x\né"', '"open', '\r', '')
      .map((one) => Array.from(Buffer.from(one)));
    const line = fc.tuple(text, fc.oneof(text, damage), text);
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (lines, size) => {
          const bytes = Buffer.concat([
            Buffer.from('a,b\n'),
            ...lines.map((parts) => Buffer.from([...parts.flatMap((part) => [...part, 0x2c]), 0x0a])),
          ]);
          for (const options of [{}, { blockBytes: 1 }]) {
            const { damaged } = await read(bytes, [size], options);
            for (const at of damaged.filter((one) => one !== null)) {
              const before = bytes.toString('utf8', 0, at);
              // What lies before it is as good as it was, and the byte itself is not.
              expect(bytes.toString('utf8')).toBe(before + bytes.toString('utf8', at));
              expect(bytes.toString('utf8', at).startsWith('\ufffd')).toBe(true);
            }
            expect(damaged).toEqual((await read(bytes)).damaged);
          }
          const whole = await read(bytes);
          expect(whole.damaged.map((at) => at !== null)).toEqual(
            whole.rows.map((cells) => cells.join().includes('\ufffd')),
          );
        },
      ),
      { numRuns: 200 },
    );
    const { damaged } = await read(Buffer.from('a,b\n1,é\n"2",\ufffd\n\n3,4\n', 'latin1'));
    expect(damaged).toEqual([null, 6, 12, null]);
  });

  it('takes an unclosed quote for a bad line and goes on behind it', async () => {
    const { rows, bad, lines } = await read('a,b\n"1,2\n3,4\n5,6\n');
    expect(bad).toMatchObject([{ line: 2, code: 'bad_quotes', raw: '"1,2' }]);
    expect(rows).toEqual([
      ['a', 'b'],
      ['3', '4'],
      ['5', '6'],
    ]);
    expect(lines).toEqual([1, 3, 4]);
  });

  it.each(['1,x"y', '"1"x,2', '1, "2"'])('takes %s for bad quotes', async (line) => {
    const { rows, bad } = await read(`a,b\n${line}\n3,4`);
    expect(bad).toMatchObject([{ line: 2, code: 'bad_quotes', raw: line }]);
    expect(rows).toEqual([
      ['a', 'b'],
      ['3', '4'],
    ]);
  });

  it.each([[[7]], [[1 << 16]]])('sets a line that is too long aside and goes on behind it', async (sizes) => {
    const { rows, bad, lines } = await read(
      `a,b\n1,${'x'.repeat(3000)}\n3,4\n"5",${'"'.repeat(3000)}\n7,8`,
      sizes,
      {
        maxRecordLength: 1000,
        blockBytes: 200,
      },
    );
    expect(rows).toEqual([
      ['a', 'b'],
      ['3', '4'],
      ['7', '8'],
    ]);
    expect(lines).toEqual([1, 3, 5]);
    expect(bad.map(({ line, code }) => [line, code])).toEqual([
      [2, 'row_too_long'],
      [4, 'row_too_long'],
    ]);
  });

  it('never holds a line of 200 MB', async () => {
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('a,b\n1,');
      const part = Buffer.alloc(1 << 20, 'x');
      for (let count = 0; count < 200; count++) yield part;
      yield Buffer.from('\n3,4\n');
    }
    const before = process.memoryUsage().rss;
    const rows: string[][] = [];
    const bad: BadRecord[] = [];
    for await (const block of new CsvReader(endless()).blocks()) {
      rows.push(...block.rows);
      bad.push(...block.bad);
    }
    expect(rows).toEqual([
      ['a', 'b'],
      ['3', '4'],
    ]);
    expect(bad).toHaveLength(1);
    expect(bad[0]!.raw).toHaveLength(4097);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('says how many bytes it has read, and their SHA-256', async () => {
    const content = 'a,b\n1,é\n';
    const { reader } = await read(content, [3]);
    expect(reader.bytesRead).toBe(9);
    expect(reader.sha256()).toBe(createHash('sha256').update(content).digest('hex'));
  });

  it('gives no block for a file with nothing in it', async () => {
    expect((await read('')).rows).toEqual([]);
    expect((await read('\ufeff\n\r\n')).rows).toEqual([]);
  });

  const plainCell = fc.stringMatching(/^[a-zé€0-9 .:-]{0,6}$/).map((text) => ({ value: text, text }));
  const quotedCell = fc
    .stringMatching(/^[a-z€,"\r\n ]{0,8}$/)
    .map((value) => ({ value, text: `"${value.replaceAll('"', '""')}"` }));
  const row = fc
    .array(fc.oneof({ weight: 3, arbitrary: plainCell }, quotedCell), { minLength: 2, maxLength: 4 })
    .map((cells) => ({
      cells: cells.map(({ value }) => value),
      text: cells.map(({ text }) => text).join(','),
    }));
  const mishap = fc
    .constantFrom('x"y,1', '"open,1', `${'long,'.repeat(20)}`, '', '  ', '"a""')
    .map((text) => ({ cells: [] as string[], text }));
  const ending = fc.constantFrom('\n', '\r\n', '\r');
  const file = (line: typeof row): fc.Arbitrary<{ rows: string[][]; text: string }> =>
    fc.array(fc.tuple(line, ending), { maxLength: 12 }).map((lines) => ({
      rows: [['a', 'b'], ...lines.map(([{ cells }]) => cells)],
      text: `a,b\n${lines.map(([{ text }, end]) => text + end).join('')}`,
    }));
  const sizes = (most: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 5 });

  it('reads every good file as it was meant, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(file(row), sizes(10), async ({ rows, text }, cut) => {
        const whole = await read(text);
        expect([whole.rows, whole.bad]).toEqual([rows, []]);
        for (const pieceSizes of [[1], cut]) {
          const other = await read(text, pieceSizes, { blockBytes: 1 });
          expect([other.rows, other.lines, other.raws]).toEqual([whole.rows, whole.lines, whole.raws]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('finds the same rows and the same bad lines in a damaged file, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(file(fc.oneof(row, mishap)), sizes(30), async ({ text }, cut) => {
        const limit = { maxRecordLength: 60 };
        const whole = await read(text, [1 << 20], limit);
        for (const pieceSizes of [[1], cut]) {
          const other = await read(text, pieceSizes, { ...limit, blockBytes: 1 });
          expect([other.rows, other.lines, other.bad.map(({ line, code }) => [line, code])]).toEqual([
            whole.rows,
            whole.lines,
            whole.bad.map(({ line, code }) => [line, code]),
          ]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
