import { ImportFile, type ImportFileStatus } from './import-file.entity.js';
import { paceOf } from './import-pace.js';

const BEGAN = new Date('2023-01-22T12:00:00Z');
const after = (seconds: number): Date => new Date(BEGAN.getTime() + seconds * 1000);

function fileThat(status: ImportFileStatus, changes: Partial<ImportFile> = {}): ImportFile {
  return Object.assign(new ImportFile(), {
    status,
    bytes: '4000',
    bytesRead: '1000',
    read: '100',
    startedAt: BEGAN,
    mergingAt: null,
    completedAt: null,
    ...changes,
  });
}

describe('the pace of a file', () => {
  it('is told while the file is read, with the time that is left at that pace', () => {
    expect(paceOf(fileThat('running'), 'running', after(2).getTime())).toEqual({
      phase: 'reading',
      rows_per_second: 50,
      seconds_left: 6,
    });
  });

  it('is not known in the first moments, nor before anything is read', () => {
    expect(paceOf(fileThat('running'), 'running', after(0.1).getTime()).seconds_left).toBeNull();
    const nothing = fileThat('running', { bytesRead: '0', read: '0' });
    expect(paceOf(nothing, 'running', after(9).getTime())).toMatchObject({
      rows_per_second: null,
      seconds_left: null,
    });
  });

  it('stays that of the reading during the merge and afterwards', () => {
    const merging = fileThat('running', { mergingAt: after(4) });
    expect(paceOf(merging, 'running', after(60).getTime())).toEqual({
      phase: 'merging',
      rows_per_second: 25,
      seconds_left: null,
    });
    const done = fileThat('completed', { mergingAt: after(4), completedAt: after(50) });
    expect(paceOf(done, 'completed', after(60).getTime())).toMatchObject({
      phase: 'done',
      rows_per_second: 25,
    });
  });

  it.each([
    ['pending', 'running', 'waiting'],
    ['running', 'pending', 'waiting'],
    ['duplicate', 'running', 'done'],
    ['rejected', 'running', 'done'],
    ['running', 'failed', 'done'],
    ['cancelled', 'cancelled', 'done'],
  ] as const)('tells of a %s file in a %s import that it is %s', (status, importStatus, phase) => {
    expect(paceOf(fileThat(status), importStatus, after(1).getTime()).phase).toBe(phase);
  });
});
