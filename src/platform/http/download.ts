import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ByteRange } from '../storage/file-storage.js';
import { matchesTag, requestedRange } from './byte-range.js';

export interface Attachment {
  /** Of our own making: letters, digits, dots and the like. */
  fileName: string;
  contentType: string;
  bytes: number;
  sha256: string;
  /** Asked for once, and only when content is sent. */
  open(range?: ByteRange): Promise<Readable>;
}

const CONTENT = { schema: { type: 'string', format: 'binary' } } as const;

/** Describes a route that answers with `sendAttachment`. */
export function Downloads(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Range',
      required: false,
      description:
        'A part of the file, such as `bytes=0-1023` or `bytes=-500`; several at once get the whole file',
    }),
    ApiHeader({
      name: 'If-Range',
      required: false,
      description:
        'The `ETag` of a download that broke off: the part is sent only of the same file, else the whole',
    }),
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'The `ETag` of a file that is there already: 304 where it is the same',
    }),
    ApiOkResponse({ ...CONTENT, description: 'The file, as an attachment; `ETag` is its SHA-256' }),
    ApiResponse({
      status: 206,
      ...CONTENT,
      description: 'The part that `Range` asked for; `Content-Range` says which',
    }),
    ApiResponse({ status: 304, description: 'It is the file that `If-None-Match` names' }),
    ApiResponse({
      status: 416,
      description: 'The file ends before `Range` begins; `Content-Range` says how long it is',
    }),
  );
}

/**
 * Sends a file as an attachment, or the part of it that was asked for, with its hash as strong ETag. Several ranges at
 * once are answered with the whole file.
 *
 * A client that goes away in the middle ends the pipeline, which closes the file; nothing is thrown for it.
 */
export async function sendAttachment(request: Request, response: Response, file: Attachment): Promise<void> {
  const etag = `"${file.sha256}"`;
  response.set({ 'Cache-Control': 'private, no-cache', 'Accept-Ranges': 'bytes', ETag: etag });
  if (matchesTag(request.headers['if-none-match'], etag)) {
    response.status(304).end();
    return;
  }
  const range = requestedRange(request, etag, file.bytes);
  if (range === 'unsatisfiable') {
    response
      .status(416)
      .set({ 'Content-Range': `bytes */${file.bytes}`, 'Content-Length': '0' })
      .end();
    return;
  }
  if (range !== null)
    response.status(206).set('Content-Range', `bytes ${range.first}-${range.last}/${file.bytes}`);
  response.set({
    'Content-Type': file.contentType,
    'Content-Length': String(range === null ? file.bytes : range.last - range.first + 1),
    'Content-Disposition': `attachment; filename="${file.fileName}"`,
  });
  if (request.method === 'HEAD') response.end();
  else await send(await file.open(range ?? undefined), response);
}

async function send(content: Readable, response: Response): Promise<void> {
  if (response.destroyed) {
    content.destroy();
    return;
  }
  try {
    await pipeline(content, response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
