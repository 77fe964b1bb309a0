import { ApiProperty, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsOptional,
  Matches,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { TriggerReportDto } from '../requests/report.dto.js';

const LEAST_SETS = 2;
const MOST_SETS = 8;
const HOW_MANY = {
  message: `sets has to hold ${LEAST_SETS} to ${MOST_SETS} sets of options: there is nothing to compare in fewer`,
};

const NO_SET = 'a set has to be an object such as {"unobserved": "up"}';

/** A list within the list would be looked into, and pass for a set without members. */
@ValidatorConstraint({ name: 'no_list' })
class IsNoList implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return !Array.isArray(value);
  }

  defaultMessage(): string {
    return NO_SET;
  }
}

/** One set of options; what is left out is as configured for reports. */
export class LabSetDto extends PickType(TriggerReportDto, ['windows', 'unobserved', 'estimator']) {
  /**
   * By which the result names it; no two sets may share one. Default: its options, such as `rolling, down, step`.
   * @example strict
   */
  @IsOptional()
  @Matches(/^[^\p{Cc}\p{Cs}]{1,100}$/u, {
    message:
      '$property has to be text of 1 to 100 characters, without control characters and halves of characters',
  })
  name?: string;
}

/** Which stores to look at, as of when, and under which option sets. */
export class RequestLabDto extends PickType(TriggerReportDto, ['as_of', 'store_ids', 'include_unpolled']) {
  /** No two of them may come to the same options. */
  @ApiProperty({ type: [LabSetDto], minItems: LEAST_SETS, maxItems: MOST_SETS })
  @ValidateNested({ each: true, message: NO_SET })
  @Validate(IsNoList, { each: true })
  @Type(() => LabSetDto)
  @ArrayMaxSize(MOST_SETS, HOW_MANY)
  @ArrayMinSize(LEAST_SETS, HOW_MANY)
  @IsArray({ message: 'sets has to be a list of sets of options' })
  sets: LabSetDto[];
}
