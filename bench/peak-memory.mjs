// Loaded before a measured program (`node --import`): when it ends, tells the most memory that it held, in bytes, on
// file descriptor 3.
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const STATUS = '/proc/self/status';

function peakBytes() {
  // On Linux resourceUsage() starts from what the parent held when it forked; the status file does not.
  const kilobytes = existsSync(STATUS) && /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(STATUS, 'utf8'))?.[1];
  return Number(kilobytes || process.resourceUsage().maxRSS) * 1024;
}

if (isMainThread) process.on('exit', () => writeSync(3, String(peakBytes())));
