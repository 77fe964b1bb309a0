import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';

const REPLACEMENT = '\ufffd';

/**
 * Bytes to text, whatever the pieces they come in: a character may lie across two of them. UTF-8 unless a byte order
 * mark says UTF-16; the mark itself is dropped. What is no valid character becomes U+FFFD.
 */
export class TextOfBytes {
  /**
   * Where in the bytes each U+FFFD of the text so far stands, in order: what was there is lost in the text, and
   * only its offset leads back to it. Whoever takes the text takes them away. None for UTF-16.
   */
  readonly damagedAt: number[] = [];

  private decoder: TextDecoder | null = null;
  private first: Buffer = Buffer.alloc(0);
  /** The last bytes so far where they are the beginning of a character: the decoder holds them back. */
  private unfinished: Buffer = Buffer.alloc(0);
  private offset = 0;

  /** Text of the next piece; possibly empty. */
  push(bytes: Buffer): string {
    if (this.decoder === null) {
      this.first = this.first.length === 0 ? bytes : Buffer.concat([this.first, bytes]);
      if (this.first.length < 3) return '';
      return this.start();
    }
    // Plain ASCII, the common case, is three times faster without the decoder. It must not overtake an unfinished
    // character, which only a piece with a byte above 127 can leave behind.
    if (this.unfinished.length === 0 && this.decoder.encoding === 'utf-8' && isAscii(bytes)) {
      this.offset += bytes.length;
      return bytes.toString('latin1');
    }
    return this.decode(this.decoder, bytes, true);
  }

  /** What is left when the bytes end. */
  end(): string {
    const text = this.decoder === null ? this.start() : '';
    return text + (this.decoder === null ? '' : this.decode(this.decoder, Buffer.alloc(0), false));
  }

  private start(): string {
    const [a, b] = this.first;
    const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
    this.decoder = new TextDecoder(encoding);
    const { first } = this;
    this.first = Buffer.alloc(0);
    return this.decode(this.decoder, first, true);
  }

  private decode(decoder: TextDecoder, bytes: Buffer, stream: boolean): string {
    const text = decoder.decode(bytes, { stream });
    if (decoder.encoding !== 'utf-8') return text;
    const whole = this.unfinished.length === 0 ? bytes : Buffer.concat([this.unfinished, bytes]);
    const start = this.offset - this.unfinished.length;
    this.offset += bytes.length;
    // A copy, since the piece itself is overwritten or held for nothing but its end.
    this.unfinished = stream
      ? Buffer.from(whole.subarray(whole.length - unfinishedBytes(whole)))
      : Buffer.alloc(0);
    if (text.includes(REPLACEMENT)) {
      const decided = whole.subarray(0, whole.length - this.unfinished.length);
      for (const at of replacementsIn(decided)) this.damagedAt.push(start + at);
    }
    return text;
  }
}

/** Bytes at the end that a valid character may begin with, but that are no whole one. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const length = lengthAt(bytes, bytes.length - back);
    if (length.isCut) return back;
    if (length.bytes > 1 || bytes[bytes.length - back]! < 0x80) return 0;
  }
  return 0;
}

/** Offsets of what a decoder of UTF-8 turns into U+FFFD, one for each, and of U+FFFD itself. */
function* replacementsIn(bytes: Buffer): Generator<number> {
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at]! < 0x80) {
      at++;
      continue;
    }
    const { bytes: length, isValid } = lengthAt(bytes, at);
    if (!isValid || (length === 3 && bytes.readUIntBE(at, 3) === 0xefbfbd)) yield at;
    at += length;
  }
}

/**
 * The character that starts at an offset: its bytes, or as many as one U+FFFD stands for where it is none. `isCut`:
 * the bytes end before it does.
 */
function lengthAt(bytes: Buffer, at: number): { bytes: number; isValid: boolean; isCut: boolean } {
  const lead = bytes[at]!;
  if (lead < 0x80) return { bytes: 1, isValid: true, isCut: false };
  const wanted =
    lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (wanted === 0) return { bytes: 1, isValid: false, isCut: false };
  for (let index = 1; index < wanted; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return { bytes: index, isValid: false, isCut: true };
    // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
    const low = index > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = index > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (byte < low || byte > high) return { bytes: index, isValid: false, isCut: false };
  }
  return { bytes: wanted, isValid: true, isCut: false };
}
