import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { Request, Response } from 'express';

export interface Attachment {
  fileName: string;
  contentType: string;
  bytes: number;
  sha256: string;
  content: Readable;
}

/**
 * Sends a file as an attachment with its hash as strong ETag.
 *
 * A client that goes away in the middle ends the pipeline, which closes the file; nothing is thrown for it.
 */
export async function sendAttachment(request: Request, response: Response, file: Attachment): Promise<void> {
  const etag = `"${file.sha256}"`;
  response.set({
    'Content-Type': file.contentType,
    'Content-Length': String(file.bytes),
    'Content-Disposition': `attachment; filename="${file.fileName}"`,
    'Cache-Control': 'private, no-cache',
    ETag: etag,
  });
  if (request.headers['if-none-match'] === etag || request.method === 'HEAD') {
    file.content.destroy();
    response.status(request.method === 'HEAD' ? 200 : 304).end();
    return;
  }
  try {
    await pipeline(file.content, response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
