const MAX_LENGTH = 100;
const UNNAMED = 'unnamed';

/**
 * The name of an uploaded file as it is kept and shown: text for people, never a path. Separators of folders go, and
 * whatever a terminal, a header or a reader's eye could be deceived with: control characters, line ends, marks that
 * turn the direction of writing, characters without a width.
 */
export function shownName(name: string | undefined): string {
  const plain = (name ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\]/gu, '')
    .replace(/^[\s.]+|\s+$/gu, '');
  return Array.from(plain).slice(0, MAX_LENGTH).join('').trim() || UNNAMED;
}
