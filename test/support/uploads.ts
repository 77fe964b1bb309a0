import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { readdir } from 'node:fs/promises';
import type { TestApi } from './application.js';
import { waitFor } from '../../src/platform/wait.js';

const BOUNDARY = 'a-boundary-of-the-tests';
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** A part of a form, as raw as it can be: the header lines are the caller's. */
export interface RawPart {
  head: string;
  content: string | Buffer;
}

/** A file as a part of a form. */
export function filePart(content: string | Buffer, name = 'file.csv', field = 'file'): RawPart {
  return {
    head: `Content-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: text/csv`,
    content,
  };
}

/** A text field as a part of a form. */
export function fieldPart(field: string, value: string): RawPart {
  return { head: `Content-Disposition: form-data; name="${field}"`, content: value };
}

/** The bytes of a form. */
export function formOf(parts: readonly RawPart[]): Buffer {
  const pieces = parts.flatMap(({ head, content }) => [
    Buffer.from(`--${BOUNDARY}\r\n${head}\r\n\r\n`),
    Buffer.from(content as string),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** What a client that streams a form gets as an answer. */
export interface StreamedAnswer {
  status: number;
  body: { type?: string; id?: string };
}

/** Sends a body piece by piece without saying how long it is, until it is sent or answered. */
export function sendChunked(
  port: number,
  address: string,
  type: string,
  pieces: Iterable<Buffer>,
): Promise<StreamedAnswer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const request = httpRequest(
      { port, host: '127.0.0.1', path: address, method: 'POST', headers: { 'Content-Type': type } },
      (response) => {
        answered = true;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          request.destroy();
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(Buffer.concat(chunks).toString()) as StreamedAnswer['body'],
          });
        });
      },
    );
    // What is written after the answer goes nowhere.
    request.on('error', (error) => (answered ? undefined : reject(error)));
    const iterator = pieces[Symbol.iterator]();
    const next = (): void => {
      for (;;) {
        if (answered) return;
        const { done, value } = iterator.next();
        if (done === true) return void request.end();
        if (!request.write(value)) return void request.once('drain', next);
      }
    };
    next();
  });
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Polls of a store, one a minute. */
export function pollsOf(store: string, count: number): string {
  const rows = Array.from(
    { length: count },
    (_, index) => `${store},active,${new Date(1.6743e12 + index * 60_000).toISOString()}`,
  );
  return ['store_id,status,timestamp_utc', ...rows, ''].join('\n');
}

/** The folders of uploads, once there are as few as expected: they are removed a moment after an import has ended. */
export async function uploadFolders(api: TestApi, expected = 0): Promise<string[]> {
  const list = async (): Promise<string[]> =>
    existsSync(api.environment.uploadsDir) ? readdir(api.environment.uploadsDir) : [];
  return (
    (await waitFor(async () => {
      const names = await list();
      return names.length === expected ? names : null;
    }, 5_000)) ?? list()
  );
}

export function portOf(api: TestApi): number {
  return (api.app.getHttpServer().address() as { port: number }).port;
}
