import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EARLIER_MEMBER } from './content/content.parser.js';
import { ContentView, presentContent } from './content/content.view.js';
import { presentUnread, UnreadView } from './content/unread.view.js';
import type { KeptBlueprint } from './blueprints.reader.js';
import type { KeptVersion } from './blueprint-versions.reader.js';
import type { MappingContent } from './mapping-content.js';

export class BlueprintLinksView {
  self: string;
  versions: string;
  apply: string;
}

/** What a list tells of a blueprint. */
export class BlueprintSummaryView {
  id: string;
  name: string;
  description: string | null;
  is_active: boolean;
  /** The newest one. */
  version: number;
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  archived_at: string | null;
  links: BlueprintLinksView;
}

export class BlueprintListView {
  @ApiProperty({ type: [BlueprintSummaryView] })
  data: BlueprintSummaryView[];
  next_cursor: string | null;
}

const EARLIER = {
  type: 'object',
  additionalProperties: true,
  description: 'The layout in the form of the earlier system, as it was given; missing where none was',
} as const;

const UNREAD =
  'Parts of `mapping_data` that could not be read; they are kept, and stand in no list. Missing where there is no `mapping_data`';

/** A layout under a name. */
export class BlueprintView extends ContentView {
  id: string;
  name: string;
  description: string | null;
  is_active: boolean;
  version: number;
  @ApiPropertyOptional(EARLIER)
  mapping_data?: unknown;
  @ApiPropertyOptional({ type: [UnreadView], description: UNREAD })
  unread?: UnreadView[];
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  archived_at: string | null;
  links: BlueprintLinksView;
}

/** A blueprint as it was once. */
export class BlueprintVersionView extends ContentView {
  blueprint_id: string;
  version: number;
  name: string;
  description: string | null;
  is_active: boolean;
  @ApiPropertyOptional(EARLIER)
  mapping_data?: unknown;
  @ApiPropertyOptional({ type: [UnreadView], description: UNREAD })
  unread?: UnreadView[];
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
}

export class BlueprintVersionSummaryView {
  version: number;
  name: string;
  description: string | null;
  is_active: boolean;
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
}

export class BlueprintVersionListView {
  @ApiProperty({ type: [BlueprintVersionSummaryView] })
  data: BlueprintVersionSummaryView[];
  next_cursor: string | null;
}

export function presentSummary(blueprint: Omit<KeptBlueprint, 'content' | 'hash'>): BlueprintSummaryView {
  const self = `/api/v1/blueprints/${blueprint.id}`;
  return {
    id: blueprint.id,
    name: blueprint.name,
    description: blueprint.description,
    is_active: blueprint.isActive,
    version: blueprint.version,
    created_at: blueprint.createdAt.toISOString(),
    updated_at: blueprint.updatedAt.toISOString(),
    archived_at: blueprint.archivedAt?.toISOString() ?? null,
    links: { self, versions: `${self}/versions`, apply: `${self}/apply` },
  };
}

export function presentBlueprint(blueprint: KeptBlueprint): BlueprintView {
  return { ...presentSummary(blueprint), ...presentLayout(blueprint.content) };
}

export function presentVersion(kept: KeptVersion): BlueprintVersionView {
  return { blueprint_id: kept.id, ...presentVersionSummary(kept), ...presentLayout(kept.content) };
}

export function presentVersionSummary(kept: KeptVersion): BlueprintVersionSummaryView {
  const { version, name, description, isActive, createdAt } = kept;
  return { version, name, description, is_active: isActive, created_at: createdAt.toISOString() };
}

/** What the earlier system's form said stands beside the rest, where it was given, and what of it could not be read. */
function presentLayout(
  content: MappingContent,
): ContentView & { mapping_data?: unknown; unread?: UnreadView[] } {
  const { [EARLIER_MEMBER]: earlier, ...data } = content.data;
  return {
    ...presentContent({ ...content, data }),
    ...(Object.hasOwn(content.data, EARLIER_MEMBER) && {
      [EARLIER_MEMBER]: earlier,
      unread: presentUnread(content),
    }),
  };
}
