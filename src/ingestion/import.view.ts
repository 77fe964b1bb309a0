import { ApiProperty } from '@nestjs/swagger';
import { formatInstantUs } from '../platform/instant.js';
import type { FileKind } from './file-kind.js';
import type { ImportFile, ImportFileStatus } from './import-file.entity.js';
import type { Import, ImportSource, ImportStatus } from './import.entity.js';

/** What became of one file. `read` = `inserted` + `replaced` + `unchanged` + `superseded` + `rejected` once it is loaded. */
export class ImportFileView {
  name: string;
  /** `polls`, `hours` or `zones`. */
  kind: FileKind;
  status: ImportFileStatus;
  /** Null until the file is loaded. */
  sha256: string | null;
  bytes: number;
  bytes_read: number;
  /** Rows behind the header; blank lines are none. */
  read: number;
  /** Rows about something that was not known. */
  inserted: number;
  /** Rows that took the place of something else. */
  replaced: number;
  /** Rows that were known already. */
  unchanged: number;
  /** Rows that a later line of the same file replaced. */
  superseded: number;
  /** Rows that were set aside; `rejects` lists them. */
  rejected: number;
  /** Instants of the oldest and the newest poll; null for other files. */
  @ApiProperty({ type: [String], minItems: 2, maxItems: 2, nullable: true })
  range: [string, string] | null;
  /** Why the file was refused whole, as a word. */
  error_code: string | null;
  /** Why the file was refused whole, as a sentence. */
  error: string | null;
}

export class ImportLinksView {
  self: string;
  rejects: string;
}

/** An import as the interface shows it. */
export class ImportView {
  id: string;
  /** `rejected`: at least one file was refused whole; the others are loaded. */
  status: ImportStatus;
  source: ImportSource;
  files: ImportFileView[];
  accepted_at: string;
  started_at: string | null;
  completed_at: string | null;
  error: string | null;
  links: ImportLinksView;
}

export class ImportListView {
  data: ImportView[];
  next_cursor: string | null;
}

/** A row that was set aside. */
export class RejectView {
  file: string;
  /** Physical line on which the row starts; the header is line 1. */
  line: number;
  /** Null where the row as a whole is wrong. */
  column: string | null;
  /** A word for programs. */
  code: string;
  /** What was found, and what is allowed. */
  detail: string;
  /** The row as it stands in the file, at most 4 KB of it. */
  raw: string;
  /** What may have been meant. */
  suggestion: string | null;
}

export class RejectListView {
  data: RejectView[];
  next_cursor: string | null;
}

/** @param files those of the import, in order. */
export function presentImport(row: Import, files: readonly ImportFile[]): ImportView {
  const self = `/api/v1/imports/${row.id}`;
  return {
    id: row.id,
    status: row.status,
    source: row.source,
    files: files.map(presentFile),
    accepted_at: row.acceptedAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    completed_at: row.completedAt?.toISOString() ?? null,
    error: row.error,
    links: { self, rejects: `${self}/rejects` },
  };
}

function presentFile(file: ImportFile): ImportFileView {
  return {
    name: file.name,
    kind: file.kind,
    status: file.status,
    sha256: file.sha256,
    bytes: Number(file.bytes),
    bytes_read: Number(file.bytesRead),
    read: Number(file.read),
    inserted: Number(file.inserted),
    replaced: Number(file.replaced),
    unchanged: Number(file.unchanged),
    superseded: Number(file.superseded),
    rejected: Number(file.rejected),
    range:
      file.rangeStartUs === null || file.rangeEndUs === null
        ? null
        : [formatInstantUs(Number(file.rangeStartUs)), formatInstantUs(Number(file.rangeEndUs))],
    error_code: file.errorCode,
    error: file.error,
  };
}
