import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { PageSizeDto } from '../../platform/http/page.dto.js';
import { REJECT_CODES, type RejectCode } from '../rows/problems.js';

const FILE = { message: 'file has to be the position (0, 1, …) or the name of a file of the import' };

/** Which rejects are wanted, and how many at a time. */
export class ListRejectsDto extends PageSizeDto {
  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^[\w-]{2,40}$/, { message: 'cursor has to be a next_cursor that a page before gave' })
  cursor?: string;

  /** Only those of one file of the import: its position (0, 1, …) or its name. */
  @IsOptional()
  @IsString(FILE)
  @MaxLength(255, FILE)
  file?: string;

  /** Only those with this reason. */
  @IsOptional()
  @IsIn(REJECT_CODES, { message: `code has to be one of ${REJECT_CODES.join(', ')}` })
  code?: RejectCode;

  /** Only those of one column, as the header names it; empty: those where the row as a whole is wrong. */
  @IsOptional()
  @IsString({ message: 'column has to be the name of a column' })
  @MaxLength(100, { message: 'column has to be the name of a column' })
  column?: string;
}

/** Of which file the reasons are wanted. */
export class RejectReasonsDto {
  /** Only those of one file of the import: its position (0, 1, …) or its name. */
  @IsOptional()
  @IsString(FILE)
  @MaxLength(255, FILE)
  file?: string;
}

/** Which rejects to take away, and with what in front of them. */
export class RejectsCsvDto {
  /** The file of the import: its position (0, 1, …) or its name. Needed where several have rejects. */
  @IsOptional()
  @IsString(FILE)
  @MaxLength(255, FILE)
  file?: string;

  /** `true`: line, code, column, detail and suggestion stand in front of the file's own columns. */
  @ApiPropertyOptional()
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'reasons has to be true or false' })
  reasons: boolean = false;
}
