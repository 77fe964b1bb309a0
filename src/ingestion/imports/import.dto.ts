import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, Max, Min } from 'class-validator';
import { IMPORT_SOURCES, type ImportSource } from './import.entity.js';

const SHARE = { message: '$property has to be a number from 0 to 1' };
const ROWS = { message: '$property has to be a whole number from 1 to 1000000000' };

/** What to load. */
export class RequestImportDto {
  /**
   * `directory`: store_status.csv, menu_hours.csv and timezone.csv of the data folder, those that are there;
   * `sample`: the small set that comes with Storewatch.
   */
  @IsIn(IMPORT_SOURCES, { message: `$property has to be one of ${IMPORT_SOURCES.join(', ')}` })
  source: ImportSource;

  /** Files of a folder are always loaded; kept with the import for those who read it. */
  @IsOptional()
  @IsBoolean({ message: '$property has to be true or false' })
  force?: boolean;

  /** A file is refused whole above this share of bad rows; else the configured one. */
  @IsOptional()
  @IsNumber({}, SHARE)
  @Min(0, SHARE)
  @Max(1, SHARE)
  reject_limit_share?: number;

  /** … when there are at least this many; else the configured number. */
  @IsOptional()
  @IsInt(ROWS)
  @Min(1, ROWS)
  @Max(1e9, ROWS)
  reject_limit_rows?: number;
}
