import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  Validate,
} from 'class-validator';
import { PageSizeDto } from '../platform/http/page.dto.js';
import { IsDate, IsEffectiveFrom, IsStoreId, IsStoreName } from './store-text.js';

export const STORE_STATES = ['active', 'inactive', 'archived', 'all'] as const;
export type WantedState = (typeof STORE_STATES)[number];

export const ALIASES = 50;

/** Which stores are wanted. */
export class ListStoresDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^[\w-]{1,400}$/, { message: 'cursor has to be a next_cursor that a page before gave' })
  @IsString({ message: 'cursor has to be given once' })
  cursor?: string;

  /** Part of an id, a name or an alias, in any letter case. */
  @IsOptional()
  @Validate(IsStoreName)
  search?: string;

  /**
   * IANA name of the zone that the store's clocks show now, also where that is the default.
   * @example America/Chicago
   */
  @IsOptional()
  @IsString({ message: 'zone has to be given once' })
  zone?: string;

  /** `active`: today's local date is one of business; `inactive`: it is not. Default: all but the archived. */
  @IsOptional()
  @IsIn(STORE_STATES, { message: `state has to be one of ${STORE_STATES.join(', ')}` })
  state?: WantedState;
}

/** What is said of a store, whether it is made or changed. */
class StoreTextsDto {
  /** What people call it. Null takes the name away. */
  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @Validate(IsStoreName)
  name?: string | null;

  /** Other names under which cameras and people know it: each is one store's alone, whatever the letter case. */
  @ApiPropertyOptional({ type: [String], nullable: true, maxItems: ALIASES })
  @IsOptional()
  @Validate(IsStoreName, {
    each: true,
    message: 'each of aliases has to be text of 1 to 200 characters, without control characters',
  })
  @ArrayMaxSize(ALIASES, { message: `aliases has to hold at most ${ALIASES} names` })
  @IsArray({ message: 'aliases has to be a list of names' })
  aliases?: string[] | null;

  /**
   * IANA name of the zone of its clocks. Null: the default zone, for all time.
   * @example America/Chicago
   */
  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @IsString({ message: 'zone has to be the IANA name of a time zone, such as "America/Chicago"' })
  zone?: string | null;

  /** First local date of business; null: no bound. Open time before it is excluded. */
  @ApiPropertyOptional({ type: String, format: 'date', nullable: true })
  @IsOptional()
  @Validate(IsDate)
  active_from?: string | null;

  /** Last local date of business; null: no bound. Open time after it is excluded. */
  @ApiPropertyOptional({ type: String, format: 'date', nullable: true })
  @IsOptional()
  @Validate(IsDate)
  active_until?: string | null;
}

/** A store to make. Files and polls make the stores that they name themselves. */
export class CreateStoreDto extends StoreTextsDto {
  /**
   * Opaque text, also where it looks like a number.
   * @example 8419537941919820732
   */
  @Validate(IsStoreId)
  store_id: string;
}

/** What to change; what is left out stays as it is. */
export class ChangeStoreDto extends StoreTextsDto {
  /**
   * The local date from which on `zone` holds, or `always`: for all time, in place of every change of zone. Default:
   * tomorrow by the store's clock. A date in the past says that it was so since then.
   */
  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @Validate(IsEffectiveFrom)
  effective_from?: string | null;

  /** True archives the store, as DELETE does; false takes it back, `active_until` staying as it is unless given. */
  @IsOptional()
  @IsBoolean({ message: 'archived has to be true or false' })
  archived?: boolean;
}
