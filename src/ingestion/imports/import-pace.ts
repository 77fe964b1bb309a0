import type { ImportFile } from './import-file.entity.js';
import type { ImportStatus } from './import.entity.js';

/** `waiting`: not begun; `merging`: all is read, and what was read is being made visible, in one step at its end. */
export const FILE_PHASES = ['waiting', 'reading', 'merging', 'done'] as const;
export type FilePhase = (typeof FILE_PHASES)[number];

/** How far a file is, and how fast. */
export interface FilePace {
  phase: FilePhase;
  rows_per_second: number | null;
  seconds_left: number | null;
}

/** Before so many seconds a pace says nothing. */
const TELLING_S = 0.5;

/** @param nowMs the clock, in milliseconds since 1970. */
export function paceOf(file: ImportFile, importStatus: ImportStatus, nowMs: number): FilePace {
  const phase = phaseOf(file, importStatus);
  if (file.startedAt === null || phase === 'waiting')
    return { phase, rows_per_second: null, seconds_left: null };
  // The merge reads nothing: the pace is that of the reading.
  const endMs = (file.mergingAt ?? file.completedAt)?.getTime() ?? nowMs;
  const seconds = (endMs - file.startedAt.getTime()) / 1000;
  const rows = Number(file.read);
  return {
    phase,
    rows_per_second: seconds > 0 && rows > 0 ? Math.round(rows / seconds) : null,
    seconds_left: phase === 'reading' ? secondsLeft(file, seconds) : null,
  };
}

function phaseOf({ status, mergingAt }: ImportFile, importStatus: ImportStatus): FilePhase {
  if (importStatus !== 'pending' && importStatus !== 'running') return 'done';
  if (status === 'pending') return 'waiting';
  // A run that was cut off leaves its file as it was; it begins anew.
  if (status === 'running')
    return importStatus === 'pending' ? 'waiting' : mergingAt === null ? 'reading' : 'merging';
  return 'done';
}

function secondsLeft({ bytes, bytesRead }: ImportFile, seconds: number): number | null {
  const done = Number(bytesRead);
  if (done === 0 || seconds < TELLING_S) return null;
  return Math.max(0, Math.round((seconds / done) * (Number(bytes) - done)));
}
