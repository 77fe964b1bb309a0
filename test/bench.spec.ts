interface Comparison {
  stores: number;
  differingCells: number;
  examples: string[];
}
interface Figure {
  figure: string;
  unit: string;
  median: number;
  min: number;
  max: number;
  values: number[];
}

const { compareReports } = jest.requireActual<{ compareReports(ours: string, theirs: string): Comparison }>(
  '../bench/compare.mjs',
);
const { figure, median, quantile, ratios } = jest.requireActual<{
  figure(name: string, unit: string, values: number[]): Figure;
  median(values: number[]): number;
  quantile(values: number[], q: number): number;
  ratios(numerators: number[], denominators: number[]): number[];
}>('../bench/figures.mjs');
const { groupsOf } = jest.requireActual<{ groupsOf(names: string[]): Set<string> }>('../bench/groups.mjs');
const { table } = jest.requireActual<{ table(figures: Figure[]): string }>('../bench/table.mjs');

const HEADER = 'store_id,uptime_last_hour,downtime_last_hour';
const report = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

describe('comparing two reports', () => {
  it('finds no difference between equal reports, whatever the order of their rows', () => {
    const ours = report('a,60.00,0.00', '9007199254740993,12.50,47.50');
    const theirs = report('9007199254740993,12.50,47.50', 'a,60.00,0.00');
    expect(compareReports(ours, theirs)).toEqual({ stores: 2, differingCells: 0, examples: [] });
  });

  it('finds one planted cell, and says where', () => {
    const found = compareReports(
      report('a,60.00,0.00', 'b,30.00,30.00'),
      report('a,60.00,0.00', 'b,30.00,30.01'),
    );
    expect(found.differingCells).toBe(1);
    expect(found.examples).toEqual(['b downtime_last_hour: 30.00 and 30.01']);
  });

  it('does not take ids for numbers', () => {
    const found = compareReports(report('9007199254740993,1.00,0.00'), report('9007199254740992,1.00,0.00'));
    expect(found).toMatchObject({ stores: 2, differingCells: 4 });
  });

  it('counts every cell of a row that one of them lacks', () => {
    expect(compareReports(report('a,60.00,0.00'), report())).toMatchObject({ stores: 1, differingCells: 2 });
    expect(compareReports(report(), report('a,60.00,0.00'))).toMatchObject({ stores: 1, differingCells: 2 });
  });

  it('counts the cells of a column that one of them lacks', () => {
    const wider = 'store_id,uptime_last_hour,downtime_last_hour,extra\na,60.00,0.00,1\n';
    expect(compareReports(wider, report('a,60.00,0.00')).differingCells).toBe(1);
  });

  it('refuses what is no report', () => {
    expect(() => compareReports('name,value\nx,1\n', report())).toThrow('no report');
  });
});

describe('figures', () => {
  it('takes the middle of an odd number of values and the mean of the middle two of an even one', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('tells what a share of the numbers does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect([0, 0.5, 0.99, 1].map((q) => quantile(hundred, q))).toEqual([1, 50, 99, 100]);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('divides pair by pair', () => {
    expect(ratios([2, 9], [1, 3])).toEqual([2, 3]);
    expect(() => ratios([1], [])).toThrow('pairs');
  });

  it('gives median, least and most of the runs', () => {
    expect(figure('load', 's', [2.00049, 1, 3])).toEqual({
      figure: 'load',
      unit: 's',
      median: 2,
      min: 1,
      max: 3,
      values: [2, 1, 3],
    });
  });

  it('stand under their headings in a table', () => {
    expect(table([figure('load', 's', [1.5]), figure('differing cells', 'cells', [0])]).split('\n')).toEqual([
      'figure           unit   median  min  max',
      'load             s         1.5  1.5  1.5',
      'differing cells  cells       0    0    0',
    ]);
  });
});

describe('the groups of a measurement', () => {
  it('are all when none is named, else those named, one by one or with commas', () => {
    expect([...groupsOf([])]).toEqual([
      'load',
      'reload',
      'report',
      'workers',
      'uploads',
      'live',
      'reading',
      'movements',
    ]);
    expect([...groupsOf(['uploads', 'load,reload'])]).toEqual(['uploads', 'load', 'reload']);
  });

  it('are told to whoever names another', () => {
    expect(() => groupsOf(['loads'])).toThrow(/no group loads.*\n {2}load /);
  });
});
