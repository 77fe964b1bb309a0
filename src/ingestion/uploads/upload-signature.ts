/** How many bytes tell what a file is. */
export const SIGNATURE_BYTES = 16;

const SIGNATURES: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive, or an Excel or other office document'],
  [[0x50, 0x4b, 0x05, 0x06], 'an empty ZIP archive'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel or other office document'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0x47, 0x49, 0x46, 0x38], 'a GIF picture'],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'a 7z archive'],
  [[0x52, 0x61, 0x72, 0x21, 0x1a, 0x07], 'a RAR archive'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'packed by xz'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'packed by zstd'],
  [[0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59], 'packed by bzip2'],
  [[0x1f, 0x8b], 'packed by gzip twice'],
  [[0x50, 0x41, 0x52, 0x31, 0x15], 'a Parquet file'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program'],
  [[...Buffer.from('SQLite format 3')], 'an SQLite database'],
];

/** What a file is by its first bytes, as the end of "The file is …"; null where it may be text. */
export function binaryKind(head: Buffer): string | null {
  const found = SIGNATURES.find(([bytes]) => bytes.every((byte, index) => head[index] === byte));
  return found?.[1] ?? null;
}

/** Whether these first bytes are those of gzip. */
export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}
