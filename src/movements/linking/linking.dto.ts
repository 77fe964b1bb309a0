import { IsOptional, IsString, Matches, Validate } from 'class-validator';
import { PageSizeDto } from '../../platform/http/page.dto.js';
import { IsStoreId, IsStoreName } from '../../stores/store-text.js';

const CURSOR = { message: 'cursor has to be a next_cursor that a page before gave' };

/** How much of the list is wanted. */
export class ListUnmappedNamesDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^[\w-]{1,1200}$/, CURSOR)
  @IsString(CURSOR)
  cursor?: string;
}

/** Which store a name stands for. */
export class LinkNameDto {
  /**
   * As events bear it; the letter case makes no difference.
   * @example Store A
   */
  @Validate(IsStoreName)
  name: string;

  /** Of a store that exists. */
  @Validate(IsStoreId)
  store_id: string;
}
