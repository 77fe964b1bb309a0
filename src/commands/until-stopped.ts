/** Ctrl-C, a supervisor, a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes a Ctrl-C on that the terminal has sent already: what comes at once is the same one again. */
const ECHO_MS = 500;

/**
 * Resolves when the process is asked to end (Ctrl-C, or a supervisor). Asked a second time it ends at once: whoever
 * presses twice has waited long enough, and nothing that was accepted is lost by it.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    const stop = (): void => {
      if (askedAt !== null && performance.now() - askedAt > ECHO_MS) process.exit(1);
      askedAt ??= performance.now();
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
    // Whoever read our output has gone (`… | head`): nobody waits for the rest. Both streams tell so, and the second must
    // not pass for a second press: it would leave a database running.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => resolve());
  });
}
