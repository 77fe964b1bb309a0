import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength, Validate } from 'class-validator';
import { IsInstant } from '../../platform/http/is-instant.js';
import { PageSizeDto } from '../../platform/http/page.dto.js';

/** At which instant. */
export class StatusQueryDto {
  /**
   * Nothing after this instant is known. Default: the newest poll of all stores.
   * @example 2023-03-14T18:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  as_of?: string;
}

export const LISTED_STATES = ['down', 'unobserved'] as const;
export type ListedState = (typeof LISTED_STATES)[number];

/** Which stores, at which instant. */
export class StoresDownQueryDto extends PageSizeDto {
  /**
   * Nothing after this instant is known. Default: the newest poll of all stores; later pages keep to that of the first.
   * @example 2023-03-14T18:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  as_of?: string;

  /** `down`: open and down; `unobserved`: open, and no poll of the business day yet. */
  @ApiPropertyOptional({ enum: LISTED_STATES })
  @IsOptional()
  @IsIn(LISTED_STATES, { message: `state has to be one of ${LISTED_STATES.join(', ')}` })
  state: ListedState = 'down';

  /** `next_cursor` of the page before. */
  @IsOptional()
  @MaxLength(100, { message: 'cursor has to be a next_cursor that a page before gave' })
  @IsString({ message: 'cursor has to be given once' })
  cursor?: string;
}
