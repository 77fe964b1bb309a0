import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identifyProcess, isAlive } from './process-identity.js';

/**
 * Notes that this process uses the server. One file each, whose name says who: there is no content that a crash
 * could leave half written.
 * @param directory the folder of the notes; made when missing
 * @returns the note, for `removeOwner`
 */
export function addOwner(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const token = identifyProcess(process.pid)?.startToken ?? '';
  const note = path.join(directory, `${process.pid}_${token}_${randomUUID()}`);
  writeFileSync(note, '');
  return note;
}

/** Takes a note back. */
export function removeOwner(note: string): void {
  rmSync(note, { force: true });
}

/** How many living users the server has; notes of dead ones are removed. */
export function countOwners(directory: string): number {
  let living = 0;
  for (const name of readdirSync(directory)) {
    const [pid, token] = name.split('_');
    if (isAlive(Number(pid), token ?? '')) living += 1;
    else rmSync(path.join(directory, name), { force: true });
  }
  return living;
}
