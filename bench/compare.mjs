import Papa from 'papaparse';

const EXAMPLES = 5;

/**
 * Compares two reports cell by cell, as text. Rows are matched by store and columns by name, so the order of either
 * says nothing; every cell of a row or column that only one of them has counts as differing.
 *
 * @returns {{stores: number, differingCells: number, examples: string[]}}
 */
export function compareReports(ours, theirs) {
  const left = readReport(ours);
  const right = readReport(theirs);
  const columns = [...new Set([...left.columns, ...right.columns])];
  const stores = new Set([...left.rows.keys(), ...right.rows.keys()]);
  const examples = [];
  let differingCells = 0;
  for (const store of stores) {
    for (const column of columns) {
      const mine = left.rows.get(store)?.[column];
      const other = right.rows.get(store)?.[column];
      if (mine === other && mine !== undefined) continue;
      differingCells++;
      if (examples.length < EXAMPLES)
        examples.push(`${store} ${column}: ${mine ?? 'none'} and ${other ?? 'none'}`);
    }
  }
  return { stores: stores.size, differingCells, examples };
}

function readReport(text) {
  const { data, meta, errors } = Papa.parse(text.trimEnd(), { header: true });
  if (errors.length > 0) throw new Error(`This is no report: ${errors[0].message} (row ${errors[0].row}).`);
  if (!meta.fields.includes('store_id'))
    throw new Error(`This is no report: its columns are ${meta.fields.join(', ')}.`);
  return {
    columns: meta.fields.filter((name) => name !== 'store_id'),
    rows: new Map(data.map(({ store_id: store, ...cells }) => [store, cells])),
  };
}
