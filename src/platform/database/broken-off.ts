/** A serialization failure, and a deadlock. */
const BROKEN_OFF = new Set(['40001', '40P01']);
const ATTEMPTS = 4;

/**
 * Does work that the server breaks off so that others can go on, again and some times at most.
 *
 * @param work one whole transaction: what it did before it was broken off is undone.
 * @throws what it failed with, at once where that is anything else.
 */
export async function repeatBrokenOff<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !BROKEN_OFF.has(String((error as { code?: unknown }).code))) throw error;
    }
  }
}
