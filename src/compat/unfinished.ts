/** The words of B, C and E while a report has no file. */
export const UNFINISHED = {
  waiting: { status: 'Running' },
  running: { status: 'Running' },
  failed: { status: 'Failed' },
} as const;
