import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';

const WHOLE = { message: 'limit has to be a whole number from 1 to 500' };

/** How much of a list is wanted. */
export class PageSizeDto {
  /** How many, at most 500. */
  @ApiPropertyOptional()
  @IsOptional()
  @Type(() => Number)
  @IsInt(WHOLE)
  @Min(1, WHOLE)
  @Max(500, WHOLE)
  limit: number = 50;
}

/** A page of a list whose ids are UUIDs in order of time. */
export class PageDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @IsUUID(undefined, { message: 'cursor has to be a next_cursor that a page before gave' })
  cursor?: string;
}
