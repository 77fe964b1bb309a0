import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, MaxLength, Validate } from 'class-validator';
import { IsInstant } from '../../platform/http/is-instant.js';

export const INTERVALS = ['minute', 'hour'] as const;
export const GRID_SIZES = [1, 2, 4, 8, 16, 32, 64] as const;
const SIZE = { message: `$property has to be one of ${GRID_SIZES.join(', ')}` };

/** Of which time figures are wanted; without any, of the store's local date so far. */
export class FloorRangeDto {
  /**
   * Default: the start of the local date that `to` ends or lies in. At most 31 days before it.
   * @example 2023-01-25T06:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  from?: string;

  /**
   * Excluded. Default: now.
   * @example 2023-01-26T06:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  to?: string;

  /**
   * A whole date of the store's clock, in place of `from` and `to`.
   * @example 2023-01-25
   */
  @IsOptional()
  @IsString({ message: 'date has to be a date, written YYYY-MM-DD' })
  date?: string;
}

export class ZoneMetricsQueryDto extends FloorRangeDto {
  /** Adds a series to every zone and line, counted from the start of the time; `minute` for at most a day. */
  @IsOptional()
  @IsIn(INTERVALS, { message: `interval has to be one of ${INTERVALS.join(', ')}` })
  interval?: (typeof INTERVALS)[number];

  /** The key of the only zone that is wanted. */
  @IsOptional()
  @IsString({ message: 'zone has to be the key of a zone' })
  @MaxLength(200, { message: 'zone has to be the key of a zone' })
  zone?: string;
}

export class HeatmapQueryDto extends FloorRangeDto {
  /** Cells from left to right. */
  @ApiPropertyOptional({ enum: GRID_SIZES, type: Number })
  @IsOptional()
  @Type(() => Number)
  @IsIn(GRID_SIZES, SIZE)
  columns: number = 64;

  /** Cells from top to bottom. */
  @ApiPropertyOptional({ enum: GRID_SIZES, type: Number })
  @IsOptional()
  @Type(() => Number)
  @IsIn(GRID_SIZES, SIZE)
  rows: number = 64;
}
