/** The middle of some numbers, the mean of the two middle ones where their count is even. */
export function median(values) {
  if (values.length === 0) throw new Error('There is no median of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The least of some numbers that a share `q` (0 to 1) of them does not exceed. */
export function quantile(values, q) {
  if (values.length === 0) throw new Error('There is no quantile of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)];
}

/**
 * Divides pair by pair: both numbers of a pair come from the same run, so that whatever else the machine did in that
 * run weighs on both.
 */
export function ratios(numerators, denominators) {
  if (numerators.length !== denominators.length) throw new Error('Ratios need pairs.');
  return numerators.map((value, run) => value / denominators[run]);
}

/** One figure over all runs: `{figure, unit, median, min, max, values}`, with three decimals at most. */
export function figure(name, unit, values) {
  const rounded = (value) => Math.round(value * 1_000) / 1_000;
  return {
    figure: name,
    unit,
    median: rounded(median(values)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
    values: values.map(rounded),
  };
}
