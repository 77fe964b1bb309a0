const HEADINGS = ['figure', 'unit', 'median', 'min', 'max'];

/** The figures as lines of text in columns: words to the left, numbers to the right. */
export function table(figures) {
  const rows = [HEADINGS, ...figures.map((one) => HEADINGS.map((heading) => String(one[heading])))];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
