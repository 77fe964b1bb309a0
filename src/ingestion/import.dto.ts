import { IsIn, IsOptional, Matches } from 'class-validator';
import { PageSizeDto } from '../platform/http/page.dto.js';
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

export class ListRejectsDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^\d{1,4}\.\d{1,15}$/, { message: 'cursor has to be a next_cursor that a page before gave' })
  cursor?: string;
}
