import { ApiProperty } from '@nestjs/swagger';

/** Something that was accepted and could not be stored. */
export class DeadLetterView {
  id: number;
  /** `event_id_conflict`, `not_storable` or `unreadable`. */
  reason: string;
  /** What is wrong with it, in a sentence. */
  detail: string;
  @ApiProperty({ type: String, nullable: true })
  event_id: string | null;
  /** As the camera named it. */
  @ApiProperty({ type: String, nullable: true })
  store: string | null;
  /** The event as JSON, or the beginning of what could not be read as one; people's ids in it are hashed. */
  content: string;
  kept_at: string;
}

/** Some dead letters, the newest first. */
export class DeadLetterListView {
  data: DeadLetterView[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
  /** Of all of them. */
  total: number;
}

/** What became of one that was tried again. */
export class ReplayedLetterView {
  id: number;
  /** `known`: the event had been stored meanwhile. One that failed is kept. */
  outcome: 'stored' | 'known' | 'failed';
  @ApiProperty({ type: String, nullable: true })
  detail: string | null;
}

/** What became of those that were tried again. */
export class ReplayView {
  replayed: number;
  failed: number;
  /** With it older ones can be tried; null: there are none, or ids were named. */
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
  letters: ReplayedLetterView[];
}
