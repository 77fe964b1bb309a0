import { ApiProperty } from '@nestjs/swagger';
import { formatInstantUs } from '../../platform/instant.js';
import type { KeptVersion } from '../blueprint-versions.reader.js';
import { presentUnread, UnreadView } from '../content/unread.view.js';
import type { PartKeys } from '../merge-summary.js';
import { OVERLAPS, type OverlapView, presentOverlaps } from '../mapping/overlaps.view.js';
import type { ApplyOptions } from './apply-options.js';
import type { Applied } from './apply-run.js';
import { ConflictView, presentClash } from './conflict.view.js';

/** By their keys; of `data` the names of its members. */
export class PartKeysView {
  @ApiProperty({ type: [String] })
  zones: readonly string[];
  @ApiProperty({ type: [String] })
  lines: readonly string[];
  @ApiProperty({ type: [String] })
  cameras: readonly string[];
  @ApiProperty({ type: [String] })
  data: readonly string[];
}

/** What applying a blueprint comes to for a store. */
export class ApplyView {
  store_id: string;
  blueprint_id: string;
  version: number;
  mode: string;
  dry_run: boolean;
  /** Whether there is a new revision, or would be. */
  changed: boolean;
  revision: number;
  @ApiProperty({ type: String, format: 'date-time' })
  effective_from: string;
  added: PartKeysView;
  updated: PartKeysView;
  removed: PartKeysView;
  kept: PartKeysView;
  /** Those that `on_conflict` has settled. */
  @ApiProperty({ type: [ConflictView] })
  conflicts: ConflictView[];
  /** Parts of the blueprint's `mapping_data` that could not be read, and so are in no mapping. */
  @ApiProperty({ type: [UnreadView] })
  unread: UnreadView[];
  @ApiProperty(OVERLAPS)
  overlaps: OverlapView[];
}

export function presentApplied(applied: Applied, version: KeptVersion, options: ApplyOptions): ApplyView {
  return {
    store_id: applied.store.id,
    blueprint_id: version.id,
    version: version.version,
    mode: options.mode,
    dry_run: options.dryRun,
    changed: applied.changed,
    revision: applied.revision,
    effective_from: formatInstantUs(applied.effectiveFromUs),
    ...applied.summary,
    conflicts: applied.clashes.map(presentClash),
    unread: presentUnread(version.content),
    overlaps: presentOverlaps(applied.content),
  };
}

/** How many of each kind. */
export class PartCountsView {
  zones: number;
  lines: number;
  cameras: number;
  data: number;
}

export function countsOf({ zones, lines, cameras, data }: PartKeys): PartCountsView {
  return { zones: zones.length, lines: lines.length, cameras: cameras.length, data: data.length };
}
