export const MINUTE_US = 60_000_000;
/** Heat and presence are known in pieces of so long: whole quarters of an hour of UTC, counted from 1970. */
export const QUARTER_US = 15 * MINUTE_US;
