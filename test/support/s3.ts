import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import S3rver from 's3rver';

/** A server that speaks S3's protocol, with one empty bucket. */
export interface TestS3 {
  endpoint: string;
  /** For `STORAGE_URL`. */
  url: string;
  /** What requests it got, such as `PUT /reports/a.csv`. */
  requests: string[];
  /** Answers with an error of the server from now on to requests that the expression fits; null: to none. */
  refuse(requests: RegExp | null): void;
  close(): Promise<void>;
}

export const TEST_S3_KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } as const;

export async function startTestS3(): Promise<TestS3> {
  const directory = await mkdtemp(path.join(tmpdir(), 'storewatch-s3-'));
  const s3 = new S3rver({ directory, silent: true, configureBuckets: [{ name: 'reports' }] });
  await s3.configureBuckets();
  const answer = s3.callback();
  const requests: string[] = [];
  let refused: RegExp | null = null;
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push(line);
    if (refused?.test(line) !== true) {
      answer(request, response);
      return;
    }
    request.resume();
    response.writeHead(500).end();
  });
  const endpoint = await listen(server);
  return {
    endpoint,
    url: `s3://reports/kept/here?endpoint=${encodeURIComponent(endpoint)}`,
    requests,
    refuse(expression) {
      refused = expression;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      s3.logger.exceptions.unhandle();
      s3.logger.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
