/**
 * The same text for the same JSON, in whichever order the members of its objects stand. Two texts that differ only in
 * what a reader does not see (spaces, escapes) are the same too.
 *
 * @param value what JSON.parse gives, nested no deeper than the stack reaches.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}
