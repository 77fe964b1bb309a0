import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process as seen now. Its number alone is not enough: numbers are used again. */
interface ProcessIdentity {
  /** When it started, as an opaque token: the same number with another token is another process. */
  startToken: string;
  /** Dead, but not yet reaped by its parent: it holds nothing, though signals still find it. */
  zombie: boolean;
}

/** What is known of a process, or undefined when there is none of that number. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

/** True while the process that had this number and start token lives. */
export function isAlive(pid: number, startToken: string): boolean {
  const identity = identifyProcess(pid);
  return identity !== undefined && !identity.zombie && identity.startToken === startToken;
}

/** The words of the command that a process runs; empty when there is no such process. */
export function commandOf(pid: number): string[] {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      : [execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim()];
  } catch {
    // No such process (any more), which is an answer.
    return [];
  }
}

let bootId: string | undefined;

function identifyByProc(pid: number): ProcessIdentity | undefined {
  // Start times count from boot, so that after a reboot another process can have the same number and time.
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the name in brackets, which may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { startToken: `${bootId}.${fields[19] ?? '0'}`, zombie: fields[0] === 'Z' || fields[0] === 'X' };
}

function identifyByPs(pid: number): ProcessIdentity | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [state = '', ...started] = line.split(/\s+/);
    return { startToken: started.join('.').replaceAll(':', '.'), zombie: state.startsWith('Z') };
  } catch {
    return undefined;
  }
}
