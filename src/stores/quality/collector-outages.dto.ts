import { IsOptional, Validate } from 'class-validator';
import { IsInstant } from '../../platform/http/is-instant.js';

/** Which outages of the collector are wanted. */
export class ListCollectorOutagesDto {
  /**
   * Only those that end after this instant.
   * @example 2023-01-22T00:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  from?: string;

  /**
   * Only those that start before this instant.
   * @example 2023-01-25T00:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  to?: string;
}
