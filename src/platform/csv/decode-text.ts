import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';

/**
 * Bytes to text, whatever the pieces they come in: a character may lie across two of them. UTF-8 unless a byte order
 * mark says UTF-16; the mark itself is dropped. What is no valid character becomes U+FFFD.
 */
export class TextOfBytes {
  private decoder: TextDecoder | null = null;
  private first: Buffer = Buffer.alloc(0);
  private pending = false;

  /** Text of the next piece; possibly empty. */
  push(bytes: Buffer): string {
    if (this.decoder === null) {
      this.first = this.first.length === 0 ? bytes : Buffer.concat([this.first, bytes]);
      if (this.first.length < 3) return '';
      return this.start();
    }
    // Plain ASCII, the common case, is three times faster without the decoder. It must not overtake an unfinished
    // character, which only a piece with a byte above 127 can leave behind.
    if (!this.pending && this.decoder.encoding === 'utf-8' && isAscii(bytes)) return bytes.toString('latin1');
    const text = this.decoder.decode(bytes, { stream: true });
    this.pending = (bytes[bytes.length - 1] ?? 0) > 127;
    return text;
  }

  /** What is left when the bytes end. */
  end(): string {
    const text = this.decoder === null ? this.start() : '';
    return text + (this.decoder?.decode() ?? '');
  }

  private start(): string {
    const [a, b] = this.first;
    const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
    this.decoder = new TextDecoder(encoding);
    const text = this.decoder.decode(this.first, { stream: true });
    this.pending = (this.first[this.first.length - 1] ?? 0) > 127;
    this.first = Buffer.alloc(0);
    return text;
  }
}
