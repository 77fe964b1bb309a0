/** Reports a mistake of our own; a bad value from outside gets an error that names it and its place instead. */
export function fail(mistake: string): never {
  throw new Error(`Mistake in the program: ${mistake}`);
}
