import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, Validate, ValidateIf } from 'class-validator';
import { IsDate, IsEffectiveFrom } from '../store-text.js';
import { MOST_WINDOWS } from './weekly-windows.js';

/** One window of a weekday, in local time. */
export class WeeklyWindowDto {
  /** 0 is Monday, 6 is Sunday. */
  @ApiProperty({ minimum: 0, maximum: 6, example: 0 })
  day: number;
  /** `hh:mm` or `hh:mm:ss`. */
  @ApiProperty({ example: '09:00:00' })
  start: string;
  /** `hh:mm` or `hh:mm:ss`, `24:00` at the most; at or before the start it means the next date. */
  @ApiProperty({ example: '17:00:00' })
  end: string;
}

/** The weekly hours of a store, and from when on they hold. */
export class ChangeHoursDto {
  /** Null: open around the clock. A weekday without a window is closed. */
  @ApiProperty({ type: [WeeklyWindowDto], nullable: true, maxItems: MOST_WINDOWS })
  @ValidateIf((body: ChangeHoursDto) => body.windows !== null)
  @ArrayMinSize(1, {
    message:
      'windows is an empty list, which says nothing: for a store open around the clock give null, for dates on which it is closed use its exceptions, for one that is closed for good its active_until',
  })
  @ArrayMaxSize(MOST_WINDOWS, { message: `windows has to hold at most ${MOST_WINDOWS} windows` })
  @IsArray({ message: 'windows has to be a list of {"day", "start", "end"}, or null for around the clock' })
  windows: WeeklyWindowDto[] | null;

  /**
   * The date from whose business day on they hold, or `always`: for all time, in place of every change of hours.
   * Default: tomorrow by the store's clock. A date in the past says that it was so since then.
   */
  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @Validate(IsEffectiveFrom)
  effective_from?: string | null;
}

export class HoursQueryDto {
  /** The local date whose business day's hours are wanted. Default: today by the store's clock. */
  @IsOptional()
  @Validate(IsDate)
  date?: string;
}
