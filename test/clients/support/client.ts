import { spawn, spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { waitFor } from '../../../src/platform/wait.js';
import type { TestApi } from '../../support/application.js';

const PATIENCE_MS = 20_000;

/** What came over the wire. */
export interface Answer {
  status: number;
  /** By name in lower case. */
  headers: Readonly<Record<string, string>>;
  bytes: Buffer;
  /** The body as JSON; whatever it is. */
  json(): Record<string, unknown>;
}

export interface Sent {
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
}

/** Sends what a program of another make sends: no header of its own, and a body with any method. */
export type Send = (method: string, address: string, sent?: Sent) => Promise<Answer>;

/** A client of the application that listens, over a connection of its own for each request. */
export async function clientOf(api: TestApi): Promise<Send> {
  const base = await api.app.getUrl();
  return (method, address, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      // A length always: a client without a body says so, or says nothing.
      const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
      const sending = request(base + address, { method, agent: false, headers: { ...length, ...headers } });
      sending.once('error', reject);
      sending.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const told = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
          resolve(answerOf(response.statusCode!, Object.fromEntries(told), Buffer.concat(chunks)));
        });
      });
      sending.end(body);
    });
}

function answerOf(status: number, headers: Record<string, string>, bytes: Buffer): Answer {
  return { status, headers, bytes, json: () => JSON.parse(bytes.toString()) as Record<string, unknown> };
}

/** As `curl -sS` prints it; where curl is not installed, what it would print. */
export async function curl(...args: string[]): Promise<string> {
  if (!HAS_CURL) return withoutCurl(args);
  const child = spawn('curl', ['-sS', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`curl ended with ${String(code)}: ${stderr}`);
  return stdout;
}

const HAS_CURL = spawnSync('curl', ['--version']).status === 0;

async function withoutCurl(args: readonly string[]): Promise<string> {
  const method = args.includes('-X') ? args[args.indexOf('-X') + 1]! : 'GET';
  return (await fetch(args.at(-1)!, { method })).text();
}

/** Asks again and again, as all earlier clients do, until `isOver`. */
export async function askUntil<T>(ask: () => Promise<T>, isOver: (answer: T) => boolean): Promise<T> {
  const last = await waitFor(async () => {
    const answer = await ask();
    return isOver(answer) ? answer : null;
  }, PATIENCE_MS);
  if (last === null) throw new Error('It never ended.');
  return last;
}

/** The CSV as the program's own interface gives it. */
export async function ownCsv(send: Send, id: string): Promise<Buffer> {
  return (await send('GET', `/api/v1/reports/${id}/file`)).bytes;
}

/** From which report it was answered; null: it was computed. */
export async function reusedFrom(send: Send, id: string): Promise<unknown> {
  return (await send('GET', `/api/v1/reports/${id}`)).json()['reused_from'];
}

/** What clients send with a POST that takes nothing: bodies that no route reads. */
export const IDLE_BODIES: readonly [string, Sent][] = [
  ['nothing at all', {}],
  ['a length of 0', { headers: { 'Content-Length': '0' } }],
  [
    'a length of 0 and a JSON type',
    { headers: { 'Content-Length': '0', 'Content-Type': 'application/json' } },
  ],
  ['an empty object', { headers: { 'Content-Type': 'application/json' }, body: '{}' }],
  [
    'members that nobody knows',
    {
      headers: { 'Content-Type': 'application/json' },
      body: '{"store":1,"windows":"none","a":[{"b":null}]}',
    },
  ],
  ['a list', { headers: { 'Content-Type': 'application/json' }, body: '[1]' }],
  ['a body without a type', { body: '{"a": 1}' }],
  ['a form', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'a=1&b=2' }],
  ['text', { headers: { 'Content-Type': 'text/plain' }, body: 'please' }],
  ['what is no JSON, called JSON', { headers: { 'Content-Type': 'application/json' }, body: 'please' }],
  ['null', { headers: { 'Content-Type': 'application/json' }, body: 'null' }],
  ['a quoted word', { headers: { 'Content-Type': 'application/json' }, body: '"please"' }],
  [
    'what is packed, called JSON, and neither',
    { headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }, body: 'please' },
  ],
  [
    'two megabytes of JSON',
    { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify('x'.repeat(2_000_000)) },
  ],
  [
    'a member that no object should have',
    { headers: { 'Content-Type': 'application/json' }, body: '{"__proto__": {"a": 1}}' },
  ],
];

/** Its form is that of an id, and nothing has it. */
export const NOBODY = '0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000';
