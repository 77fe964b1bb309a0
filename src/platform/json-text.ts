/** Characters through which the place is looked for: that takes some twenty readings of the text. */
const MOST_SEARCHED = 2_000_000;

/**
 * Why a text is no JSON, as the rest of a sentence that begins with "The body is no JSON:". The parser's own words
 * change with its version, and name a place only sometimes.
 */
export function whyNoJson(text: string): string {
  if (text.trim() === '') return 'it is empty';
  if (text.length > MOST_SEARCHED)
    return 'somewhere in it a character does not belong there, or its end is missing';
  const at = firstWrong(text);
  if (at >= text.length) return 'it breaks off before its end';
  const before = text.slice(0, at).split('\n');
  const [character = ''] = text.slice(at);
  return `${JSON.stringify(character)} in line ${before.length}, column ${before.at(-1)!.length + 1} does not belong there`;
}

/** Place of the first character after which nothing can make the text JSON any more; its length: it only ends too early. */
function firstWrong(text: string): number {
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (canGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** Whether it is JSON, or could become it by what follows. */
function canGoOn(start: string): boolean {
  try {
    JSON.parse(start);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const place = /at position (\d+)/.exec(message)?.[1];
    if (place !== undefined) return Number(place) >= start.length;
    return message.includes('end of JSON input');
  }
}
