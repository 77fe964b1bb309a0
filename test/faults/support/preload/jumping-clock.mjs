// Puts the clock of a process wherever a test wants it, as a correction of the system's clock would: at SIGUSR2 it
// jumps by as many milliseconds as the file says that the query names. Timers go on as they were.
import { readFileSync } from 'node:fs';

const file = new URL(import.meta.url).searchParams.get('file');
const RealDate = Date;
let offsetMs = 0;

globalThis.Date = class Date extends RealDate {
  constructor(...words) {
    if (words.length === 0) super(RealDate.now() + offsetMs);
    else super(...words);
  }

  static now() {
    return RealDate.now() + offsetMs;
  }
};

process.on('SIGUSR2', () => {
  offsetMs += Number(readFileSync(file, 'utf8'));
});
