import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { PageSizeDto } from '../../platform/http/page.dto.js';

/** What can be odd about a store. */
export const FINDINGS = [
  'without_hours',
  'without_zone',
  'without_polls',
  'hours_rejected',
  'overlapping_windows',
  'archived_still_polled',
  'polled_ahead_of_the_clock',
] as const;
export type Finding = (typeof FINDINGS)[number];

/** Which stores are wanted. */
export class ListFoundStoresDto extends PageSizeDto {
  /** What is odd about them. */
  @IsIn(FINDINGS, { message: `finding has to be one of ${FINDINGS.join(', ')}` })
  finding: Finding;

  /** `next_cursor` of the page before. */
  @IsOptional()
  @MaxLength(64, { message: 'cursor has to be a next_cursor that a page before gave' })
  @IsString({ message: 'cursor has to be given once' })
  cursor?: string;
}
