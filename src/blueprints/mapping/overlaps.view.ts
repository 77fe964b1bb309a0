import type { ApiPropertyOptions } from '@nestjs/swagger';
import { overlapsOf } from '../geometry/index.js';
import type { MappingContent } from '../mapping-content.js';

/** Two zones that lie on each other. */
export class OverlapView {
  /** Their keys. */
  zones: string[];
  /** What they share, as a share of the plan. */
  area: number;
}

/** For `ApiProperty`. */
export const OVERLAPS: ApiPropertyOptions = {
  type: [OverlapView],
  maxItems: 100,
  description:
    'Zones of the layout that overlap, those that share most first. That is allowed: who stands where they overlap is in each of them, and counts in each. Disabled zones are left out, and where very many overlap, all but the largest; nothing to be edited',
};

export function presentOverlaps({ zones }: MappingContent): OverlapView[] {
  return overlapsOf(zones).map(({ zones: keys, area }) => ({ zones: [...keys], area }));
}
