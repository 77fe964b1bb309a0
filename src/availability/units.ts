export const SECOND_US = 1_000_000;
export const HOUR_US = 3600 * SECOND_US;
export const DAY_SECONDS = 86_400;
export const DAY_US = DAY_SECONDS * SECOND_US;
