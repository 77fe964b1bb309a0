/** What was removed of a person. */
export class ErasedPersonView {
  events: number;
  /** Sessions, with their visits, crossings and places. */
  sessions: number;
  /** Events that waited to be stored. */
  waiting_events: number;
  /** Events that could not be stored. */
  dead_letters: number;
  /** Events, sessions and dead letters among data that were cleared and can still be taken back. */
  cleared_rows: number;
}
