const APOSTROPHE = "'";

/**
 * Text as a cell that no spreadsheet takes for a formula: with an apostrophe in front where it begins like one. For
 * text alone; a number with a minus is a number.
 */
export function spreadsheetSafe(text: string): string {
  return /^[=+\-@\t\r\0]/.test(text) ? APOSTROPHE + text : text;
}
