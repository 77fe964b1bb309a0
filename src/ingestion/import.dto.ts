import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Matches, Max, Min } from 'class-validator';
import { IMPORT_SOURCES, type ImportSource } from './import.entity.js';

/** What to load. */
export class RequestImportDto {
  /**
   * `directory`: store_status.csv, menu_hours.csv and timezone.csv of the data folder, those that are there;
   * `sample`: the small set that comes with Storewatch.
   */
  @IsIn(IMPORT_SOURCES, { message: `$property has to be one of ${IMPORT_SOURCES.join(', ')}` })
  source: ImportSource;
}

export class ListImportsDto {
  /** How many, at most 500. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 50;

  /** `next_cursor` of the page before. */
  @IsOptional()
  @IsUUID(undefined, { message: 'cursor has to be a next_cursor that a page before gave' })
  cursor?: string;
}

export class ListRejectsDto {
  /** How many, at most 500. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 50;

  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^\d{1,4}\.\d{1,15}$/, { message: 'cursor has to be a next_cursor that a page before gave' })
  cursor?: string;
}
