import { IsOptional, Matches } from 'class-validator';
import { PageSizeDto } from '../platform/http/page.dto.js';

/** Which rows of a table. */
export class ListTableRowsDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{1,200}$/, { message: 'cursor has to be a next_cursor that a page before gave' })
  cursor?: string;
}
