/** What a promise gives; undefined when it has given nothing in time. What it was to do it may still do. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * As `within`, for somebody who only looks how things are.
 *
 * @returns null also for what fails: whoever owns it tells why.
 */
export async function inTime<T>(ms: number, ask: () => Promise<T>): Promise<T | null> {
  try {
    return (await within(ms, ask())) ?? null;
  } catch {
    return null;
  }
}
