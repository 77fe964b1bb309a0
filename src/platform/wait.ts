import { setTimeout as delay } from 'node:timers/promises';

const SHORTEST_MS = 20;
const LONGEST_MS = 250;

/**
 * Looks again and again, ever less often, until there is an answer.
 *
 * @param look gives null while there is none.
 * @returns null when the time is up.
 */
export async function waitFor<T>(look: () => Promise<T | null>, limitMs: number): Promise<T | null> {
  const end = performance.now() + limitMs;
  for (let pause = SHORTEST_MS; ; pause = Math.min(LONGEST_MS, pause * 1.5)) {
    const answer = await look();
    if (answer !== null) return answer;
    const left = end - performance.now();
    if (left <= 0) return null;
    await delay(Math.min(pause, left));
  }
}
