import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';

/** What to take back. */
export class RestoreDataDto {
  /** `cleared_id` of a clearing. Default: the latest. */
  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true })
  @IsOptional()
  @IsUUID(undefined, { message: 'cleared_id has to be one that clearing the data gave' })
  cleared_id?: string | null;
}
