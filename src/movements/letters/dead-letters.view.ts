/** Something that was accepted and could not be stored. */
export class DeadLetterView {
  id: number;
  /** `event_id_conflict`, `not_storable` or `unreadable`. */
  reason: string;
  /** What is wrong with it, in a sentence. */
  detail: string;
  event_id: string | null;
  /** As the camera named it. */
  store: string | null;
  /** The event as JSON, or the beginning of what could not be read as one; people's ids in it are hashed. */
  content: string;
  kept_at: string;
}

/** Some dead letters, the newest first. */
export class DeadLetterListView {
  data: DeadLetterView[];
  next_cursor: string | null;
  /** Of all of them. */
  total: number;
}

/** What became of one that was tried again. */
export class ReplayedLetterView {
  id: number;
  /** `known`: the event had been stored meanwhile. One that failed is kept. */
  outcome: 'stored' | 'known' | 'failed';
  detail: string | null;
}

/** What became of those that were tried again. */
export class ReplayView {
  replayed: number;
  failed: number;
  letters: ReplayedLetterView[];
}
