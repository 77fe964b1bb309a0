import { Type } from 'class-transformer';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min, Validate } from 'class-validator';
import { ESTIMATORS, UNOBSERVED_WAYS, type Policy } from '../../availability/index.js';
import { IsInstant } from '../../platform/http/is-instant.js';

const DAYS = { message: 'days has to be a whole number from 1 to 31' };

/** Which part of a store's past is wanted, and by which rules. */
export class TimelineQueryDto {
  /** How many local dates up to the one that holds `as_of`. */
  @ApiPropertyOptional({ minimum: 1, maximum: 31 })
  @IsOptional()
  @Type(() => Number)
  @IsInt(DAYS)
  @Min(1, DAYS)
  @Max(31, DAYS)
  days: number = 7;

  /**
   * Nothing after this instant is known. Default: the newest poll of all stores.
   * @example 2023-03-14T18:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  as_of?: string;

  /** `step`: a poll holds until the next one; `nearest`: the nearest poll decides. */
  @IsOptional()
  @IsIn(ESTIMATORS, { message: `estimator has to be one of ${ESTIMATORS.join(', ')}` })
  estimator?: Policy['estimator'];

  /** What open time of a business day without any poll counts as. */
  @IsOptional()
  @IsIn(UNOBSERVED_WAYS, { message: `unobserved has to be one of ${UNOBSERVED_WAYS.join(', ')}` })
  unobserved?: Policy['unobserved'];
}
