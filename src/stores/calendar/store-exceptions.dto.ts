import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsOptional,
  IsString,
  Matches,
  Validate,
} from 'class-validator';
import { PageSizeDto } from '../../platform/http/page.dto.js';
import { IsDate } from '../store-text.js';

/** Dates that one request may set: nearly three years of them. */
const MOST_DATES = 1_000;

export class DatedWindowDto {
  /** `hh:mm` or `hh:mm:ss`. */
  @ApiProperty({ example: '10:00:00' })
  start: string;
  /** `hh:mm` or `hh:mm:ss`, `24:00` at the most; at or before the start it means the next date. */
  @ApiProperty({ example: '14:00:00' })
  end: string;
}

/** The windows of one date, in place of the weekly ones. */
export class ExceptionDto {
  @ApiProperty({ format: 'date', example: '2026-12-25' })
  date: string;
  /** None: closed. */
  @ApiProperty({ type: [DatedWindowDto] })
  windows: DatedWindowDto[];
}

/** Dates with windows of their own; dates that are not named stay as they are. */
export class ChangeExceptionsDto {
  @ApiProperty({ type: [ExceptionDto], maxItems: MOST_DATES })
  @ArrayMinSize(1, { message: 'exceptions has to name at least one date' })
  @ArrayMaxSize(MOST_DATES, { message: `exceptions has to hold at most ${MOST_DATES} dates` })
  @IsArray({ message: 'exceptions has to be a list of {"date", "windows"}' })
  exceptions: ExceptionDto[];
}

export class ListExceptionsDto extends PageSizeDto {
  /** First date. */
  @IsOptional()
  @Validate(IsDate)
  from?: string;

  /** Last date. */
  @IsOptional()
  @Validate(IsDate)
  until?: string;

  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^-?\d{1,6}$/, { message: 'cursor has to be a next_cursor that a page before gave' })
  @IsString({ message: 'cursor has to be given once' })
  cursor?: string;
}
