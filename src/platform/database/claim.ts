/**
 * What can be claimed: tables with `status`, `attempts`, `claim_token`, `lease_until`, `started_at`, `error`. A row is
 * worth working on as long as `whileSql` holds.
 */
export const CLAIMABLE = {
  imports: { key: 'import_id', order: 'accepted_at', whileSql: 'true' },
  reports: { key: 'report_id', order: 'created_at', whileSql: 'true' },
  labs: { key: 'lab_id', order: 'created_at', whileSql: 'true' },
  blueprint_rollouts: { key: 'rollout_id', order: 'created_at', whileSql: 'true' },
  report_shards: {
    key: 'shard_id',
    order: 'position',
    // With another run of its report, or with none, its snapshot is gone.
    whileSql: `EXISTS (SELECT FROM reports AS r
                        WHERE r.report_id = report_shards.report_id AND r.claim_token = report_shards.run
                          AND r.status = 'running')`,
  },
} as const;
export type Claimable = keyof typeof CLAIMABLE;

/** The right to work on one row, until `release()` or until the lease ends because the process hangs or dies. */
export interface Claim {
  readonly table: Claimable;
  readonly id: string;
  readonly token: string;
  /** 1 for the first start. */
  readonly attempt: number;
  /** Aborted when the lease was lost, or when this process shuts down: stop, and throw its reason. */
  readonly signal: AbortSignal;
  release(): void;
}

/** Thrown where a run finds that its row belongs to another run by now: it must write nothing more. */
export class ClaimLost extends Error {
  constructor(claim: Claim) {
    super(
      `The run of ${claim.table} ${claim.id} (attempt ${claim.attempt}) holds it no longer: it was cancelled, or taken over by another process.`,
    );
    this.name = 'ClaimLost';
  }
}

/** Thrown by work that can't be done yet: the row waits again, and the start is not counted. */
export class NotYet extends Error {
  constructor() {
    super('What it needs is not there yet.');
    this.name = 'NotYet';
  }
}

/** Thrown by work that trying again would not help. Its message becomes the row's `error`. */
export class Hopeless extends Error {}
