import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import { startRunningServer } from './running-server.mjs';

const PIECES = 10;

/**
 * Uploads files to a server process with an empty database, all at once, each in a request of its own.
 *
 * @returns {Promise<{seconds: number, read: number, peakBytes: number}>} from the first byte sent until the last file
 *   is loaded, by the clock of the machine; the rows read; the most memory that the server process held
 */
export async function uploadToServer(server, files, scratch) {
  await server.empty();
  const running = await startRunningServer(server, scratch);
  let stopped;
  try {
    const begunMs = Date.now();
    const ended = await Promise.all(
      files.map(async (file) => loadEnded(running.origin, (await upload(running.origin, file)).id)),
    );
    const lastMs = Math.max(...ended.map((one) => Date.parse(one.completed_at)));
    const read = ended.reduce((sum, one) => sum + one.files[0].read, 0);
    stopped = await running.stop();
    return { seconds: (lastMs - begunMs) / 1e3, read, peakBytes: stopped.peakBytes };
  } finally {
    if (stopped === undefined) await running.stop();
  }
}

/** Cuts a file of polls into ten of about equal length, each with the header. @returns their paths, in their order */
export async function cutIntoPieces(file, scratch) {
  const folder = path.join(scratch, 'pieces');
  mkdirSync(folder, { recursive: true });
  const share = statSync(file).size / PIECES;
  const pieces = [];
  let header;
  let bytes = 0;
  let out;
  for await (const line of createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) })) {
    if (header === undefined) {
      header = line;
      continue;
    }
    if (pieces.length === 0 || (bytes >= share * pieces.length && pieces.length < PIECES)) {
      if (out !== undefined) await endOf(out);
      pieces.push(path.join(folder, `polls-${pieces.length + 1}.csv`));
      out = createWriteStream(pieces.at(-1));
      out.write(`${header}\n`);
    }
    bytes += line.length + 1;
    if (!out.write(`${line}\n`)) await new Promise((resolve) => out.once('drain', resolve));
  }
  await endOf(out);
  return pieces;
}

function endOf(stream) {
  stream.end();
  return finished(stream);
}

/** Sends one file as a browser's form would. */
async function upload(origin, file) {
  const boundary = `----${randomUUID()}`;
  const name = path.basename(file);
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const sent = request(`${origin}/api/v1/imports`, {
    method: 'POST',
    agent: false,
    headers: {
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': head.length + statSync(file).size + tail.length,
    },
  });
  const answered = new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
  sent.write(head);
  await pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), sent, { end: false });
  sent.end(tail);
  const answer = await answered;
  const body = await text(answer);
  if (answer.statusCode !== 202)
    throw new Error(`The upload of ${name} was answered ${answer.statusCode}: ${body}`);
  return JSON.parse(body);
}

async function loadEnded(origin, id) {
  for (;;) {
    const answer = await fetch(`${origin}/api/v1/imports/${id}`, { headers: { Prefer: 'wait=20' } });
    const view = await answer.json();
    if (!answer.ok) throw new Error(`The import ${id} was answered ${answer.status}.`);
    if (view.status === 'completed') return view;
    if (!['pending', 'running'].includes(view.status))
      throw new Error(`The import is ${view.status}: ${JSON.stringify(view)}`);
  }
}
