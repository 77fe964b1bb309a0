/** Fewer characters come by chance: a person called `7` is not meant wherever a 7 stands. */
const FEWEST_ALONE = 4;
/** A member `user_id` in whatever else is wrong with the text, and the id, in quotes or as a number. */
const USER_ID = /("user_id"\s*:\s*)("(?:[^"\\]|\\.)*"|-?[\d.]+)/g;
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
const WORD = /[^\s"'`,;:=|(){}[\]<>]+/g;

/** Somebody who is looked for in everything that is kept. */
export class Person {
  /** All forms in which their id may be kept. */
  readonly ids: ReadonlySet<string>;

  /**
   * @param userId as somebody who asks names them: as cameras send it, or as it is kept and shown.
   * @param keep gives an id as it is kept.
   */
  constructor(
    userId: string,
    private readonly keep: (userId: string) => string,
  ) {
    this.ids = new Set([userId, hashInSmallLetters(userId), keep(userId)]);
  }

  /** Whether a text that can't be read as an event, and so may be anything, tells of them. */
  isNamedIn(text: string): boolean {
    if ([...this.ids].some((id) => id.length >= FEWEST_ALONE && standsAlone(text, id))) return true;
    for (const [, , written] of text.matchAll(USER_ID)) if (this.isIdOf(unquoted(written!))) return true;
    for (const [quoted] of text.matchAll(QUOTED)) if (this.isIdOf(unquoted(quoted))) return true;
    // Named by a hash alone, they are known by what has that hash.
    for (const [word] of text.matchAll(WORD))
      if (word.length >= FEWEST_ALONE && this.isIdOf(word)) return true;
    return false;
  }

  private isIdOf(text: string): boolean {
    return this.ids.has(text) || this.ids.has(this.keep(text));
  }
}

/** A text with every member `user_id` in it replaced. @param by what stands in place of an id, not quoted. */
export function replaceUserIds(text: string, by: (userId: string) => string): string {
  return text.replace(
    USER_ID,
    (_, name: string, written: string) => `${name}${JSON.stringify(by(unquoted(written)))}`,
  );
}

/** A sentence that quotes what somebody sent, with nobody's id in it. */
export function withoutUserIds(sentence: string): string {
  return replaceUserIds(sentence, () => '…');
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.replace(/^"|"$/g, '');
  }
}

function hashInSmallLetters(userId: string): string {
  return /^[0-9a-f]{64}$/i.test(userId) ? userId.toLowerCase() : userId;
}

/** As a word of its own, and not as a part of a longer one. */
function standsAlone(text: string, id: string): boolean {
  for (let at = text.indexOf(id); at !== -1; at = text.indexOf(id, at + 1)) {
    const around = text.slice(Math.max(0, at - 1), at) + text.slice(at + id.length, at + id.length + 1);
    if (!/[\p{L}\p{N}_]/u.test(around)) return true;
  }
  return false;
}
