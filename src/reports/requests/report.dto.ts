import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  Validate,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { ESTIMATORS, UNOBSERVED_WAYS, WINDOW_MODES, type Policy } from '../../availability/index.js';
import { IsInstant } from '../../platform/http/is-instant.js';
import { REPORT_FORMATS, type ReportFormat } from '../files/report-variant.js';

/** PostgreSQL's text can't hold NUL, nor half of a surrogate pair; the other controls are no part of a name either. */
@ValidatorConstraint({ name: 'without_controls' })
class IsWithoutControls implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && !/[\p{Cc}\p{Cs}]/u.test(value);
  }

  defaultMessage(): string {
    return '$property has to be text without control characters (such as NUL, tab or a new line) and halves of characters';
  }
}

const oneOf = (allowed: readonly string[]): { message: string } => ({
  message: `$property has to be one of ${allowed.join(', ')}`,
});

/** What to report on, and by which rules. All members are optional. */
export class TriggerReportDto {
  /**
   * Nothing after this instant is known to the report. Default: the newest poll.
   * @example 2023-03-14T18:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  as_of?: string;

  /** `rolling`: the last 24 and 168 hours; `calendar`: the local date and the six before. */
  @IsOptional()
  @IsIn(WINDOW_MODES, oneOf(WINDOW_MODES))
  windows?: Policy['windows'];

  /** What open time of a business day without any poll counts as. */
  @IsOptional()
  @IsIn(UNOBSERVED_WAYS, oneOf(UNOBSERVED_WAYS))
  unobserved?: Policy['unobserved'];

  /** `step`: a poll holds until the next one; `nearest`: the nearest poll decides. */
  @IsOptional()
  @IsIn(ESTIMATORS, oneOf(ESTIMATORS))
  estimator?: Policy['estimator'];

  /**
   * Only these stores. Ids are text, also where they look like numbers.
   * @example ["8419537941919820732"]
   */
  @IsOptional()
  @Validate(IsWithoutControls, { each: true })
  @IsString({
    each: true,
    message: 'store_ids has to hold text: ids are text, also where they look like numbers',
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(10_000)
  @IsArray()
  store_ids?: string[];

  /** Also a row for stores that were never polled: all of their open time is unobserved. */
  @IsOptional()
  @IsBoolean()
  include_unpolled?: boolean;

  /** Compute again although nothing has changed since an equal report. */
  @IsOptional()
  @IsBoolean()
  force?: boolean;

  /** A name for people. */
  @IsOptional()
  @Validate(IsWithoutControls)
  @Length(1, 200)
  @IsString()
  label?: string;
}

const asFlag = ({ value }: { value: unknown }): unknown =>
  value === 'true' ? true : value === 'false' ? false : value;

export class ReportFileQueryDto {
  /** `csv`: the rows; `xlsx`: the rows as a workbook; `json`: the metadata. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsIn(REPORT_FORMATS, oneOf(REPORT_FORMATS))
  format: ReportFormat = 'csv';

  /** `true`: further columns behind the seven (`json`: what they add up to, and what each means). */
  @ApiPropertyOptional()
  @IsOptional()
  @Transform(asFlag)
  @IsBoolean({ message: 'extended has to be true or false' })
  extended: boolean = false;

  /** `true`: ids that a spreadsheet would run as a formula have an apostrophe in front; `xlsx` always has it. */
  @ApiPropertyOptional()
  @IsOptional()
  @Transform(asFlag)
  @IsBoolean({ message: 'spreadsheet_safe has to be true or false' })
  spreadsheet_safe: boolean = false;
}
