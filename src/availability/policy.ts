export const WINDOW_MODES = ['rolling', 'calendar'] as const;
export const UNOBSERVED_WAYS = ['down', 'up', 'exclude'] as const;
export const ESTIMATORS = ['step', 'nearest'] as const;

/** The choices the semantics leave to the caller of a report. */
export interface Policy {
  /** Where the last day and the last week begin (section "Windows"). */
  readonly windows: (typeof WINDOW_MODES)[number];
  /** What the open time of a business day without a counting poll is (rule 10). */
  readonly unobserved: (typeof UNOBSERVED_WAYS)[number];
  /** How polls become status between them (rule 9). */
  readonly estimator: (typeof ESTIMATORS)[number];
}

export const DEFAULT_POLICY: Policy = Object.freeze({
  windows: 'rolling',
  unobserved: 'down',
  estimator: 'step',
});
