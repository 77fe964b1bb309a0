import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;

/** The parts of a ZIP file as text, by name: read from its directory, as a spreadsheet does. */
export function unzip(zip: Buffer): Map<string, string> {
  let end = zip.length - 22;
  while (zip.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  const parts = new Map<string, string>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error(`No entry of the directory at ${at}.`);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place));
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes!);
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(from, from + zip.readUInt32LE(at + 20));
    const content = zip.readUInt16LE(at + 10) === STORED ? packed : inflateRawSync(packed);
    parts.set(name, content.toString('utf8'));
    at += 46 + nameBytes! + extraBytes! + commentBytes!;
  }
  return parts;
}

/** A cell as it stands in the sheet: its type (`n` where none is given), whether a style is set, its text. */
export interface SheetCell {
  type: string;
  isStyled: boolean;
  text: string;
}

/** The rows of a sheet, cells by the letters of their column. */
export function cellsOf(sheet: string): Record<string, SheetCell>[] {
  return [...sheet.matchAll(/<row[^>]*>(.*?)<\/row>/gs)].map(([, row]) =>
    Object.fromEntries(
      [...row!.matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)].map(
        ([, column, attributes, content]) => [
          column!,
          {
            type: /\bt="(\w+)"/.exec(attributes!)?.[1] ?? 'n',
            isStyled: /\bs="[1-9]/.test(attributes!),
            text: unescaped(/<(?:v|t)[^>]*>(.*?)<\/(?:v|t)>/s.exec(content ?? '')?.[1] ?? ''),
          },
        ],
      ),
    ),
  );
}

function unescaped(xml: string): string {
  return xml
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#39;', "'")
    .replace(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/&#x([0-9A-Fa-f]+);/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replaceAll('&amp;', '&');
}
