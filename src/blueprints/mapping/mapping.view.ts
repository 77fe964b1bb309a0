import { ApiProperty } from '@nestjs/swagger';
import { formatInstantUs } from '../../platform/instant.js';
import { EMPTY_CONTENT } from '../content/content.parser.js';
import { ContentView, presentContent } from '../content/content.view.js';
import { presentUnread, UnreadView } from '../content/unread.view.js';
import type { KeptRevision } from './mapping.reader.js';
import { OVERLAPS, type OverlapView, presentOverlaps } from './overlaps.view.js';
import type { TargetStore } from './target-stores.reader.js';

/** The version of a blueprint that was applied last. */
export class AppliedBlueprintView {
  id: string;
  version: number;
}

export class RevisionSummaryView {
  /** Counted from 1. */
  revision: number;
  @ApiProperty({ type: String, format: 'date-time' })
  effective_from: string;
  /** `replace`: edited by hand. */
  @ApiProperty({ enum: ['apply', 'rollback', 'replace'] })
  action: string;
  /** The version that a merge would compare with. */
  @ApiProperty({ type: AppliedBlueprintView, nullable: true })
  blueprint: AppliedBlueprintView | null;
  /** The revision that a rollback took up again. */
  rolled_back_to: number | null;
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
  /** Since when it is a plan no more: it never holds. Null: it holds in its time. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  withdrawn_at: string | null;
}

/** With its layout. */
export class RevisionView extends RevisionSummaryView {
  zones: ContentView['zones'];
  lines: ContentView['lines'];
  cameras: ContentView['cameras'];
  @ApiProperty({ type: 'object', additionalProperties: true })
  data: object;
  /** Parts of its `mapping_data` that could not be read. */
  @ApiProperty({ type: [UnreadView] })
  unread: UnreadView[];
  @ApiProperty(OVERLAPS)
  overlaps: OverlapView[];
}

export class RevisionListView {
  @ApiProperty({ type: [RevisionSummaryView] })
  data: RevisionSummaryView[];
  next_cursor: string | null;
}

export class MappingLinksView {
  self: string;
  revisions: string;
}

/** The mapping that is in force for a store. */
export class MappingView extends ContentView {
  store_id: string;
  /** 0: there is no mapping. */
  revision: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  effective_from: string | null;
  @ApiProperty({ type: String, nullable: true })
  action: string | null;
  @ApiProperty({ type: AppliedBlueprintView, nullable: true })
  blueprint: AppliedBlueprintView | null;
  rolled_back_to: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  created_at: string | null;
  /** Parts of its `mapping_data` that could not be read. */
  @ApiProperty({ type: [UnreadView] })
  unread: UnreadView[];
  @ApiProperty(OVERLAPS)
  overlaps: OverlapView[];
  /** The last revision that is effective only later. `DELETE …/revisions/{revision}` withdraws it. */
  @ApiProperty({ type: RevisionSummaryView, nullable: true })
  planned: RevisionSummaryView | null;
  links: MappingLinksView;
}

export function presentMapping(
  store: TargetStore,
  now: KeptRevision | null,
  head: KeptRevision | null,
): MappingView {
  const self = `/api/v1/stores/${encodeURIComponent(store.id)}/mapping`;
  const content = now?.content ?? EMPTY_CONTENT;
  return {
    store_id: store.id,
    ...(now === null ? NONE : presentOrigin(now)),
    ...presentContent(content),
    unread: presentUnread(content),
    overlaps: presentOverlaps(content),
    planned: head === null || head.revision === now?.revision ? null : presentRevisionSummary(head),
    links: { self, revisions: `${self}/revisions` },
  };
}

const NONE = {
  revision: 0,
  effective_from: null,
  action: null,
  blueprint: null,
  rolled_back_to: null,
  created_at: null,
} as const;

function presentOrigin(revision: KeptRevision): Omit<RevisionSummaryView, 'withdrawn_at'> {
  return {
    revision: revision.revision,
    effective_from: formatInstantUs(revision.effectiveFromUs),
    action: revision.action,
    blueprint: revision.blueprint,
    rolled_back_to: revision.rolledBackTo,
    created_at: revision.createdAt.toISOString(),
  };
}

export function presentRevisionSummary(revision: KeptRevision): RevisionSummaryView {
  return { ...presentOrigin(revision), withdrawn_at: revision.withdrawnAt?.toISOString() ?? null };
}

export function presentRevision(revision: KeptRevision): RevisionView {
  return {
    ...presentRevisionSummary(revision),
    ...presentContent(revision.content),
    unread: presentUnread(revision.content),
    overlaps: presentOverlaps(revision.content),
  };
}
