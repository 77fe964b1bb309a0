import { ApiProperty } from '@nestjs/swagger';
import type { Clash } from '../merge.js';

/** What was changed in the mapping and in the blueprint, and not alike. A side that has none shows null. */
export class ConflictView {
  /** `zones`, `lines`, `cameras` or `data`. */
  kind: string;
  key: string;
  /** Null: the whole of it. */
  member: string | null;
  @ApiProperty({ description: 'As the version last applied has it' })
  base: unknown;
  @ApiProperty({ description: 'As the mapping has it' })
  ours: unknown;
  @ApiProperty({ description: 'As the blueprint has it' })
  theirs: unknown;
}

/** One that a side does not have is shown as null. */
export function presentClash({ kind, key, member, base, ours, theirs }: Clash): ConflictView {
  return {
    kind,
    key,
    member: member && (MEMBER_NAMES[member] ?? member),
    base: base ?? null,
    ours: ours ?? null,
    theirs: theirs ?? null,
  };
}

/** Members whose names over HTTP are others. */
const MEMBER_NAMES: Readonly<Record<string, string>> = {
  minPresenceMs: 'min_presence_ms',
  exitGraceMs: 'exit_grace_ms',
  openEvidence: 'open_evidence',
};
