import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Min,
} from 'class-validator';
import { PageSizeDto } from '../../platform/http/page.dto.js';
import { MOST_REPLAYED } from './dead-letters.service.js';

const CURSOR = { message: 'cursor has to be a next_cursor that a page before gave' };
const ID = { each: true, message: 'each of ids has to be the id of a dead letter, a whole number' };
const LIST = { message: `ids has to be a list of 1 to ${MOST_REPLAYED} ids; left out, the newest are tried` };

/** How much of the list is wanted. */
export class ListDeadLettersDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^[\w-]{1,100}$/, CURSOR)
  @IsString(CURSOR)
  cursor?: string;
}

/** Which dead letters are to be tried again. */
export class ReplayDto {
  /** Left out: the newest 500, or those after the cursor. */
  @IsOptional()
  @Min(1, ID)
  @IsInt(ID)
  @ArrayMaxSize(MOST_REPLAYED, LIST)
  @ArrayMinSize(1, LIST)
  @IsArray(LIST)
  ids?: number[];

  /** `next_cursor` of an answer before: goes on with older ones, instead of naming ids. */
  @IsOptional()
  @Matches(/^[\w-]{1,100}$/, CURSOR)
  @IsString(CURSOR)
  cursor?: string;
}
