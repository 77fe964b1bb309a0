import { IsNotEmpty, IsString, MaxLength } from 'class-validator';

/** Who is to be forgotten. */
export class ErasePersonDto {
  /** Id of the person, as the cameras send it; or the hash that stands for it, as lists show it. */
  @MaxLength(256, { message: 'user_id has at most 256 characters' })
  @IsNotEmpty({ message: 'user_id has to name whose events are to be erased' })
  @IsString({ message: 'user_id has to name, once, whose events are to be erased' })
  user_id: string;
}
