import { ApiProperty } from '@nestjs/swagger';
import { formatInstantUs } from '../../platform/instant.js';
import type { FileKind } from '../file-kind.js';
import type { ImportFile, ImportFileStatus } from './import-file.entity.js';
import { type FilePhase, paceOf } from './import-pace.js';
import type { Import, ImportOrigin, ImportStatus } from './import.entity.js';

/** What became of one file. `read` = `inserted` + `replaced` + `unchanged` + `superseded` + `rejected` once it is loaded. */
export class ImportFileView {
  name: string;
  /** What the file is about. */
  kind: FileKind;
  /** `duplicate`: the same bytes were loaded before, so they were not loaded again. */
  status: ImportFileStatus;
  /** Where it stands: `merging` is all read, and becomes visible at once when it is `done`. */
  phase: FilePhase;
  /** Of the file's bytes, unpacked. Null until a file of the data folder is loaded. */
  sha256: string | null;
  /** Unpacked. */
  bytes: number;
  bytes_read: number;
  /** How fast it is read, or was. Null while that is not known. */
  rows_per_second: number | null;
  /** Until it is read, at the pace so far. Null while that is not known. */
  seconds_left: number | null;
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
  /** The import that loaded the same bytes before; null where the file is none that was loaded before. */
  duplicate_of: string | null;
  /** What a duplicate means, as a sentence: what was loaded since, and how to load it all the same. */
  note: string | null;
  /** Why the file was refused whole, as a word. */
  error_code: string | null;
  /** Why the file was refused whole, as a sentence. */
  error: string | null;
}

export class ImportLinksView {
  self: string;
  rejects: string;
  /** Server-sent events until it ends. */
  events: string;
  cancel: string;
  retry: string;
  /** What all the data is like with what was loaded. */
  data_quality: string;
}

/** An import as the interface shows it. */
export class ImportView {
  id: string;
  /** `rejected`: at least one file was refused whole; the others are loaded. */
  status: ImportStatus;
  /** `upload`: the files of the request; `directory`: those of the data folder; `sample`: the set that comes with Storewatch. */
  source: ImportOrigin;
  /** Files are loaded although the same bytes were loaded before. */
  force: boolean;
  files: ImportFileView[];
  /** Imports accepted before this one that have not ended, at most the first 100: they are loaded one after another, in that order. */
  waits_for: string[];
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

/** What is known of an import besides its rows. */
export interface ImportSurroundings {
  /** Ids of the imports that are loaded before it. */
  waitsFor: readonly string[];
  /** A sentence for each file that is a duplicate, by its position. */
  notes: ReadonlyMap<number, string>;
  /** The clock, in milliseconds since 1970. */
  nowMs: number;
}

/** @param files those of the import, in order. */
export function presentImport(
  row: Import,
  files: readonly ImportFile[],
  surroundings: ImportSurroundings,
): ImportView {
  const self = `/api/v1/imports/${row.id}`;
  return {
    id: row.id,
    status: row.status,
    source: row.source,
    force: row.force,
    files: files.map((file) => presentFile(file, row.status, surroundings)),
    waits_for: [...surroundings.waitsFor],
    accepted_at: row.acceptedAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    completed_at: row.completedAt?.toISOString() ?? null,
    error: row.error,
    links: {
      self,
      rejects: `${self}/rejects`,
      events: `${self}/events`,
      cancel: `${self}/cancel`,
      retry: `${self}/retry`,
      data_quality: '/api/v1/data-quality',
    },
  };
}

function presentFile(
  file: ImportFile,
  importStatus: ImportStatus,
  { notes, nowMs }: ImportSurroundings,
): ImportFileView {
  const { phase, rows_per_second, seconds_left } = paceOf(file, importStatus, nowMs);
  return {
    name: file.name,
    kind: file.kind,
    status: statusOf(file, importStatus),
    phase,
    sha256: file.sha256,
    bytes: Number(file.bytes),
    bytes_read: Number(file.bytesRead),
    rows_per_second,
    seconds_left,
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
    duplicate_of: file.duplicateOf,
    note: notes.get(file.position) ?? null,
    error_code: file.errorCode,
    error: file.error,
  };
}

/** Of a run that failed for good nobody is left to say so of each file. */
function statusOf({ status }: ImportFile, importStatus: ImportStatus): ImportFileStatus {
  return importStatus === 'failed' && (status === 'pending' || status === 'running') ? 'failed' : status;
}
