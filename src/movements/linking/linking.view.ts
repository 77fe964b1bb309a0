import { ApiProperty } from '@nestjs/swagger';

/** A name that events bear and that stands for no store. */
export class UnmappedNameView {
  /** As one of the events has it. */
  name: string;
  /** How many bear it. */
  events: number;
  first_seen: string;
  last_seen: string;
  /** Several: all of these stores have the name, so it stands for none. One: its events are given to it within half a minute. */
  stores: string[];
}

/** Some names, in the order of their letters. */
export class UnmappedNameListView {
  data: UnmappedNameView[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}

/** What linking a name has done. */
export class LinkedNameView {
  name: string;
  store_id: string;
  /** False: the store had the name already. */
  alias_added: boolean;
  /** Events of the past that belong to the store now. */
  linked: number;
  /** Events of the past that the store had already, under the same ids. */
  repeated: number;
  /** Events of the past whose ids belong to other events of the store; they are dead letters now. */
  conflicts: number;
  /** False: there are more; they are linked within the next minutes. */
  complete: boolean;
}
