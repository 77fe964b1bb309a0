/** What can be measured alone. */
export const GROUPS = {
  load: 'the first load of the polls beside a bare COPY',
  reload: 'the same file loaded over itself, beside its first load',
  report: 'a report beside the same by DuckDB, and whether both say the same',
  workers: 'the same report by one, two and four worker processes behind a queue',
  uploads: 'ten files of a tenth each, uploaded at once, beside the one file',
  live: 'live polls: how many, how fast they are answered, and that none is lost',
  reading: 'reports that are reused, explained, paged through; states asked for while a report runs',
  movements: 'movement events: how many, how fast they are stored, and what is told of a day of a store',
};

/**
 * The groups that were named.
 *
 * @param names as on the command line, each one group or several with commas; none: all
 * @throws when there is no such group
 */
export function groupsOf(names) {
  const wanted = names.flatMap((name) => name.split(','));
  const unknown = wanted.filter((name) => !Object.hasOwn(GROUPS, name));
  if (unknown.length > 0)
    throw new Error(
      `There is no group ${unknown.join(', ')}. There are:\n${Object.entries(GROUPS)
        .map(([name, what]) => `  ${name.padEnd(9)} ${what}`)
        .join('\n')}`,
    );
  return new Set(wanted.length > 0 ? wanted : Object.keys(GROUPS));
}
