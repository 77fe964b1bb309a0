/** Something a person has to mend: the message says what was wrong, where, and what to do. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = 'EmbeddedDatabaseError';
}

const EXPLANATIONS: readonly [RegExp, string][] = [
  [/No space left on device|ENOSPC|Disk quota exceeded/i, 'there is no space left on the disk: free some'],
  [
    /could not (?:map anonymous|create) shared memory|Cannot allocate memory/i,
    'the machine gave it too little memory: stop other programs or raise the limit',
  ],
  [
    /pre-existing shared memory block/i,
    'processes of a server that was killed still use the folder: wait for them to end, or end them',
  ],
  [/Read-only file system|EROFS/i, 'the file system is read-only: put the database on a writable one'],
  [
    /Permission denied|EACCES|EPERM|Operation not permitted|has wrong ownership/i,
    'a file or folder may not be read or written by the user that runs it: mend its owner and mode',
  ],
  [
    /could not bind|Address already in use|could not create any TCP\/IP sockets/i,
    'no port of 127.0.0.1 could be had: see whether the loopback interface is up and ports are free',
  ],
];

/**
 * Puts a failed step of the server into a sentence.
 * @param what the step, as in "PostgreSQL did not start"
 * @param where the folder or file it happened in
 * @param output what the program printed; its last lines are quoted
 */
export function explainFailure(what: string, where: string, output: string): EmbeddedDatabaseError {
  const reason = EXPLANATIONS.find(([pattern]) => pattern.test(output))?.[1];
  const quoted = output.trim().split('\n').slice(-8).join('\n');
  return new EmbeddedDatabaseError(
    `${what} in ${where}${reason === undefined ? '' : `: ${reason}`}. ` +
      `To use a server of your own instead, set DATABASE_URL.${quoted === '' ? '' : `\n${quoted}`}`,
  );
}
