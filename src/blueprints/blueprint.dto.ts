import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  Min,
  Validate,
  ValidateIf,
} from 'class-validator';
import { IsInstant } from '../platform/http/is-instant.js';
import { PageDto, PageSizeDto } from '../platform/http/page.dto.js';
import { IsStoreName } from '../stores/store-text.js';
import { APPLY_MODES, type ApplyOptions, ON_CONFLICT } from './applying/apply-options.js';

const MOST_STORES = 10_000;
const FLAGS = ['true', 'false'] as const;
const COUNTED = { message: 'cursor has to be a next_cursor that a page before gave' };

export class ListBlueprintsDto extends PageDto {
  /** `true`: archived ones too. */
  @IsOptional()
  @IsIn(FLAGS, { message: 'archived has to be true or false' })
  archived?: (typeof FLAGS)[number];

  /** Only active ones, or only others. */
  @IsOptional()
  @IsIn(FLAGS, { message: 'is_active has to be true or false' })
  is_active?: (typeof FLAGS)[number];

  /** Part of a name, in any letter case. */
  @IsOptional()
  @Validate(IsStoreName)
  search?: string;
}

/** A page of what is counted from 1, newest first. */
export class ListVersionsDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^[1-9]\d{0,8}$/, COUNTED)
  @IsString({ message: 'cursor has to be given once' })
  cursor?: string;
}

/** What to make a blueprint of. */
export class FromMappingDto {
  /** Id, name or alias of the store. Default: the mapping of clients that name none, `default`. */
  @ApiPropertyOptional()
  @IsOptional()
  @Validate(IsStoreName)
  store?: string;

  /** Of the new blueprint. */
  @Validate(IsStoreName)
  name: string;

  @ApiPropertyOptional({ type: String, nullable: true })
  @ValidateIf(({ description }: FromMappingDto) => description !== undefined && description !== null)
  @MaxLength(10_000, { message: 'description has to be text of at most 10000 characters, or null' })
  @IsString({ message: 'description has to be text, or null' })
  description?: string | null;

  @ApiPropertyOptional()
  @IsOptional()
  @IsBoolean({ message: 'is_active has to be true or false' })
  is_active?: boolean;
}

/** Where to apply a blueprint, and how. */
export class ApplyBlueprintDto {
  /** Id, name or alias of one store. Without it and `store_ids`: `default`, the mapping of clients that name no store. */
  @ApiPropertyOptional()
  @IsOptional()
  @Validate(IsStoreName)
  store?: string;

  /** Ids, names or aliases of many stores, in place of `store`. */
  @ApiPropertyOptional({ type: [String], maxItems: MOST_STORES })
  @IsOptional()
  @Validate(IsStoreName, {
    each: true,
    message: 'each of store_ids has to be text of 1 to 200 characters: the id, name or alias of a store',
  })
  @ArrayMaxSize(MOST_STORES, { message: `store_ids has to name at most ${MOST_STORES} stores` })
  @ArrayMinSize(1, { message: 'store_ids has to name at least one store' })
  @IsArray({ message: 'store_ids has to be a list of ids, names or aliases' })
  store_ids?: string[];

  /** Default: the newest. */
  @ApiPropertyOptional()
  @IsOptional()
  @Min(1, { message: 'version has to be a whole number from 1' })
  @IsInt({ message: 'version has to be a whole number from 1' })
  version?: number;

  /**
   * `merge`, the default: what was changed in the mapping by hand since a blueprint was last applied stays.
   * `replace`: the mapping becomes what the blueprint says.
   */
  @ApiPropertyOptional({ enum: APPLY_MODES })
  @IsOptional()
  @IsIn(APPLY_MODES, { message: `mode has to be one of ${APPLY_MODES.join(', ')}` })
  mode?: ApplyOptions['mode'];

  /**
   * From when on it holds, at most 366 days ahead. Default: now. In the past only for a store that has no mapping yet. Of
   * many stores, one that has a mapping, and whose turn comes when the instant has passed, has it from its turn on.
   */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @Validate(IsInstant)
  effective_from?: string | null;

  /** Says what would happen, and changes nothing. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsBoolean({ message: 'dry_run has to be true or false' })
  dry_run?: boolean;

  /** Where a merge finds that both sides were changed: refuse (the default), take the blueprint's, or keep the store's. */
  @ApiPropertyOptional({ enum: ON_CONFLICT })
  @IsOptional()
  @IsIn(ON_CONFLICT, { message: `on_conflict has to be one of ${ON_CONFLICT.join(', ')}` })
  on_conflict?: ApplyOptions['onConflict'];
}

export class RollbackDto {
  /** The revision to take up again. */
  @Min(1, { message: 'to_revision has to be a whole number from 1' })
  @IsInt({ message: 'to_revision has to be a whole number from 1' })
  to_revision: number;

  /** From when on it holds, at most 366 days ahead. Default: now. */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @Validate(IsInstant)
  effective_from?: string | null;
}

/** Of a list of what became of a rollout in each store. */
export class RolloutQueryDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^\d{1,8}$/, COUNTED)
  @IsString({ message: 'cursor has to be given once' })
  cursor?: string;

  /** Only the stores of which this is true. */
  @IsOptional()
  @IsIn(['pending', 'applied', 'unchanged', 'failed'], {
    message: 'status has to be one of pending, applied, unchanged, failed',
  })
  status?: 'pending' | 'applied' | 'unchanged' | 'failed';
}
