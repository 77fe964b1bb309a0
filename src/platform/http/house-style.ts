/** The checks' own words, and ours. What is checked by a class with a sentence of its own is told by that. */
const SENTENCES: readonly [RegExp, string][] = [
  [/must be a boolean value$/, 'has to be true or false'],
  [/must be a string$/, 'has to be text'],
  [/must be an array$/, 'has to be a list'],
  [/must be an object$/, 'has to be an object'],
  [/must be an integer number$/, 'has to be a whole number'],
  [/must be a number conforming to the specified constraints$/, 'has to be a number'],
  [/must be a positive number$/, 'has to be a number above 0'],
  [/must be a UUID$/, 'has to be a UUID'],
  [/must match .* regular expression$/, 'has not the form that is wanted here'],
  [/must not be less than (\S+)$/, 'has to be $1 or more'],
  [/must not be greater than (\S+)$/, 'has to be $1 or less'],
  [/must be one of the following values: (.*)$/, 'has to be one of $1'],
  [/must contain at least (\d+) elements$/, 'has to hold at least $1'],
  [/must contain no more than (\d+) elements$/, 'has to hold at most $1'],
  [/must be longer than or equal to (\d+) characters$/, 'has to have at least $1 characters'],
  [
    /must be longer than or equal to (\d+) and shorter than or equal to (\d+) characters$/,
    'has to have $1 to $2 characters',
  ],
  [/must be shorter than or equal to (\d+) characters$/, 'has to have at most $1 characters'],
  [/should not be empty$/, 'has to be given, and not empty'],
  [/should not be null or undefined$/, 'has to be given'],
  [/All \S+'s elements must be unique$/, 'has to name each only once'],
  [/must be either object or array$/, 'has to be an object, or a list of them'],
];

/** What a check says of a member, in the words of this house. Words that are not known are left as they are. */
export function inHouseStyle(member: string, message: string): string {
  const [, each = '', said = message] =
    /^(each value in |nested property |each value in nested property )?(.*)$/s.exec(message) ?? [];
  for (const [theirs, ours] of SENTENCES) {
    const found = theirs.exec(said);
    if (found === null) continue;
    const words = ours.replace(/\$(\d)/g, (_, group: string) => found[Number(group)]!);
    return each.startsWith('each') ? `each of ${member} ${words}` : `${member} ${words}`;
  }
  return message;
}
