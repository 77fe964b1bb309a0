import { seedOf } from './schedule.js';

/** Says what a long run has measured, with the seed that repeats its schedule; a short one keeps silent. */
export function tell(what: string, figures: Readonly<Record<string, unknown>>): void {
  if (process.env['FAULT_ROUNDS'] === undefined) return;
  process.stderr.write(`${what}: ${JSON.stringify({ seed: seedOf(), ...figures })}\n`);
}

/** The value below which so much of them lies; of none, 0. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
}
