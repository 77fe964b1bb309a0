import { IsOptional, Validate } from 'class-validator';
import { IsInstant } from '../../platform/http/is-instant.js';

/** Of which time evidence is wanted. */
export class EvidenceQueryDto {
  /**
   * Default: seven days before `to`. At most 31 days before it.
   * @example 2023-01-18T00:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  from?: string;

  /**
   * Excluded. Default, and at most: the newest poll of all stores.
   * @example 2023-01-25T00:00:00Z
   */
  @IsOptional()
  @Validate(IsInstant)
  to?: string;
}
