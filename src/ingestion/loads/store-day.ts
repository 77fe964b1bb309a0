/** Polls of one store on one UTC day: codes sorted, one for each instant. Good until the next one is asked for. */
export interface StoreDay {
  store: number;
  /** Days since 1970-01-01. */
  day: number;
  polls: Float64Array;
  /** The file that named each poll's instant first, of several that are loaded together; null: there is one file. */
  origins: Uint8Array | null;
}
