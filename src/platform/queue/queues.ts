/** One queue for each kind of work, so that a long load never stands before a report. */
export const QUEUES = ['ingestion', 'reports'] as const;
export type QueueName = (typeof QUEUES)[number];

/** What a job carries: the id of a row that says all the rest. */
export interface WorkItem {
  id: string;
}
