/** One queue for each kind of work, so that a long load never stands before a report, nor a report before its shards. */
export const QUEUES = ['ingestion', 'reports', 'shards', 'labs', 'movements'] as const;
export type QueueName = (typeof QUEUES)[number];

/** What a worker can be told to take on: queues that only help another go with it. */
export const WORKLOADS = {
  ingestion: ['ingestion'],
  reports: ['reports', 'shards', 'labs'],
  movements: ['movements'],
} as const satisfies Record<string, readonly QueueName[]>;
export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly WorkloadName[];

/** What a job carries: the id of a row that says all the rest. */
export interface WorkItem {
  id: string;
}
