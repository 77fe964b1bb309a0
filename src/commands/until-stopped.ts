const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Resolves when the process is asked to end (Ctrl-C, or a supervisor). Asked a second time it ends at once: whoever
 * presses twice has waited long enough, and nothing that was accepted is lost by it.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}
