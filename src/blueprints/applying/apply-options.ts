export const APPLY_MODES = ['merge', 'replace'] as const;
export const ON_CONFLICT = ['fail', 'theirs', 'ours'] as const;

/** How a blueprint is to be applied. */
export interface ApplyOptions {
  readonly mode: (typeof APPLY_MODES)[number];
  readonly onConflict: (typeof ON_CONFLICT)[number];
  readonly dryRun: boolean;
  /** Null: from now on. */
  readonly effectiveFromUs: number | null;
  /** When it was asked for: an instant that lay ahead then may have passed when the turn of a store comes. */
  readonly askedUs: number;
}
