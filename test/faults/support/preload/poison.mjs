// Kills the process with the first bytes that it reads from any connection with a mark in them, as a bug of the engine
// would that only certain data meets. `row` waits for the report's row to name the mark, `facts` for a store of that
// name in what COPY sends.
import { Socket } from 'node:net';

const query = new URL(import.meta.url).searchParams;
const marks = { row: Buffer.from(query.get('row')), facts: Buffer.from(query.get('facts')) };
/** Messages of a COPY: that it begins, and its data. */
const COPY_MESSAGES = new Set(['H'.charCodeAt(0), 'd'.charCodeAt(0)]);
const { push } = Socket.prototype;

Socket.prototype.push = function pushed(bytes, ...rest) {
  if (Buffer.isBuffer(bytes)) {
    const kills = bytes.includes(marks.row) || (COPY_MESSAGES.has(bytes[0]) && bytes.includes(marks.facts));
    if (kills) process.kill(process.pid, 'SIGKILL');
  }
  return push.call(this, bytes, ...rest);
};
