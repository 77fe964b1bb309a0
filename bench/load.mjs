import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import copy from 'pg-copy-streams';
import { runProduct } from './product.mjs';
import { withClient } from './server.mjs';

/** Loads the polls of `folders.polls` through the product; hours and zones come before and are not timed. */
export async function loadByProduct(server, folders) {
  await server.empty();
  await runProduct(server, 'load', { DATA_DIR: folders.hoursAndZones });
  return loadPolls(server, folders);
}

/** Loads the same polls once more, over themselves, after `loadByProduct`: a folder's files are always loaded. */
export function reloadByProduct(server, folders) {
  return loadPolls(server, folders);
}

async function loadPolls(server, folders) {
  const { result, peakBytes } = await runProduct(server, 'load', { DATA_DIR: folders.polls });
  return { seconds: result.seconds, polls: result.read, peakBytes };
}

/**
 * The least that any load has to do: the same file into a table of three text columns that is not logged, without
 * parsing, checking or merging anything. From the client, since the server may not read the user's files.
 */
export async function loadByBareCopy(server, folders) {
  return withClient(server.url, async (client) => {
    await client.query('DROP TABLE IF EXISTS bare_copy');
    await client.query('CREATE UNLOGGED TABLE bare_copy (store_id text, status text, timestamp_utc text)');
    const started = performance.now();
    await pipeline(
      createReadStream(path.join(folders.polls, 'store_status.csv'), { highWaterMark: 1 << 18 }),
      client.query(copy.from('COPY bare_copy FROM STDIN (FORMAT csv, HEADER)')),
    );
    const seconds = (performance.now() - started) / 1e3;
    await client.query('DROP TABLE bare_copy');
    return { seconds };
  });
}
