/** Until the moment that the seed has drawn for a fault, or until the next look. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
