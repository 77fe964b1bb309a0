import { IsNotEmpty, IsOptional, IsString, Matches, MaxLength, Validate } from 'class-validator';
import { IsInstant } from '../../platform/http/is-instant.js';
import { PageSizeDto } from '../../platform/http/page.dto.js';

const CURSOR = { message: 'cursor has to be a next_cursor that a page before gave' };
const WHOLE = { message: 'track_id has to be a whole number' };

/** Which events are wanted. */
export class ListMovementsDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^[\w-]{1,1500}$/, CURSOR)
  @IsString(CURSOR)
  cursor?: string;

  /** Id, name or alias of a store, or a name that no store has. */
  @IsOptional()
  @IsNotEmpty({ message: 'store has to name one' })
  @MaxLength(200, { message: 'store has at most 200 characters' })
  @IsString({ message: 'store has to be given once' })
  store?: string;

  /** Id of a person, as the cameras send it or as it is shown. */
  @IsOptional()
  @IsNotEmpty({ message: 'user_id has to name a person' })
  @MaxLength(256, { message: 'user_id has at most 256 characters' })
  @IsString({ message: 'user_id has to be given once' })
  user_id?: string;

  /** A whole number. */
  @IsOptional()
  @Matches(/^-?\d{1,16}$/, WHOLE)
  @IsString(WHOLE)
  track_id?: string;

  /** As the camera's events name it. */
  @IsOptional()
  @MaxLength(64, { message: 'camera_id has at most 64 characters' })
  @IsString({ message: 'camera_id has to be given once' })
  camera_id?: string;

  /** Seen at this instant or later. */
  @IsOptional()
  @Validate(IsInstant)
  from?: string;

  /** Seen before this instant. */
  @IsOptional()
  @Validate(IsInstant)
  to?: string;
}
