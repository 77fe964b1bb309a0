import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runMeasured } from './child.mjs';
import { runProduct } from './product.mjs';

const PEER = fileURLToPath(new URL('duckdb-report.mjs', import.meta.url));

/** A report by the product over what is loaded: from the request until rows, CSV and JSON are written. */
export async function reportByProduct(server, scratch) {
  const { result, peakBytes } = await runProduct(server, 'report', {
    REPORTS_DIR: path.join(scratch, 'reports'),
  });
  return { seconds: result.seconds, csv: readFileSync(result.csv, 'utf8'), peakBytes };
}

/** The same report by DuckDB over the same files; its loading is not part of the seconds. */
export async function reportByPeer(dataFolder, scratch) {
  const out = path.join(scratch, 'peer.csv');
  const { result, peakBytes } = await runMeasured(PEER, [dataFolder, out]);
  return { seconds: result.compute, csv: readFileSync(out, 'utf8'), peakBytes };
}
