import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from '../../../src/platform/wait.js';
import { createTestDatabase } from '../../support/database.js';
import { type Polls, pollsCsv } from './poll-files.js';
import { ProductProcess, type ProductSettings } from './product-process.js';
import { type ImportState, PATIENCE_MS, SiteDatabase } from './site-database.js';

type Server = Awaited<ReturnType<typeof ProductProcess.startServer>>;

/** Of a report, as the interface shows it. */
interface ReportState {
  status: string;
  stores: number | null;
  as_of: string | null;
}

/** A database and folders, the servers and workers on them, and what the tests look at. */
export class Site extends SiteDatabase {
  readonly servers: Server[] = [];
  readonly workers: ProductProcess[] = [];

  private constructor(
    readonly settings: ProductSettings,
    private readonly drop: () => Promise<void>,
  ) {
    super(settings.databaseUrl);
  }

  /** @param redisUrl null: the server does the work itself. */
  static async create(
    redisUrl: string | null = null,
    variables: ProductSettings['variables'] = {},
  ): Promise<Site> {
    const database = await createTestDatabase();
    return Site.on(database.url, redisUrl, () => database.drop(), variables);
  }

  /** On a database that is there already. */
  static on(
    databaseUrl: string,
    redisUrl: string | null = null,
    drop: () => Promise<void> = async () => undefined,
    variables: ProductSettings['variables'] = {},
  ): Site {
    const folder = mkdtempSync(path.join(tmpdir(), 'storewatch-faults-'));
    mkdirSync(path.join(folder, 'data'));
    return new Site({ databaseUrl, redisUrl, folder, variables }, drop);
  }

  get server(): Server {
    return this.servers.at(-1)!;
  }

  get worker(): ProductProcess {
    return this.workers.at(-1)!;
  }

  async startServer(changes: Partial<ProductSettings> = {}): Promise<Server> {
    const server = await ProductProcess.startServer({ ...this.settings, ...changes });
    this.servers.push(server);
    return server;
  }

  async startWorker(changes: Partial<ProductSettings> = {}): Promise<ProductProcess> {
    const worker = await ProductProcess.startWorker({ ...this.settings, ...changes });
    this.workers.push(worker);
    return worker;
  }

  /** Ends what runs and removes what lies about. */
  async close(): Promise<void> {
    for (const one of [...this.workers, ...this.servers]) await one.kill('SIGKILL');
    await this.drop();
    rmSync(this.settings.folder, { recursive: true, force: true });
  }

  /** Puts a file of polls into the data folder and asks for it to be loaded. @returns the import's id. */
  async requestLoad(polls: Polls): Promise<string> {
    writeFileSync(path.join(this.settings.folder, 'data', 'store_status.csv'), pollsCsv(polls));
    return this.requestLoadAgain();
  }

  /** Asks for what lies in the data folder. */
  async requestLoadAgain(): Promise<string> {
    return (await this.post('/api/v1/imports', { source: 'directory', force: true })).id;
  }

  /** Uploads one file. @returns the status of the answer, and the import that it names. */
  async upload(name: string, bytes: Uint8Array, force: boolean): Promise<{ status: number; id: string }> {
    const form = new FormData();
    form.set('force', String(force));
    form.set('file', new Blob([bytes], { type: 'text/csv' }), name);
    const answer = await fetch(`${this.server.origin}/api/v1/imports`, { method: 'POST', body: form });
    if (!answer.ok) throw new Error(`The upload was answered ${answer.status}: ${await answer.text()}`);
    return { status: answer.status, id: ((await answer.json()) as { id: string }).id };
  }

  /** Sends a share of an upload's bytes, and leaves it at that. @returns when they are on their way. */
  async sendPart(name: string, bytes: Uint8Array, share: number): Promise<void> {
    const sent = request(`${this.server.origin}/api/v1/imports`, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'multipart/form-data; boundary=part',
        'content-length': bytes.length + 1_000,
      },
    });
    // It ends with the server.
    sent.on('error', () => undefined);
    const head = `--part\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
    await new Promise((resolve) => {
      sent.write(head);
      sent.write(bytes.subarray(0, Math.floor(bytes.length * share)), resolve);
    });
  }

  /** Posts JSON; everything but a 202 is a failure. */
  async post(route: string, body: object): Promise<{ id: string }> {
    const answer = await fetch(`${this.server.origin}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 202) throw new Error(`${route} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  }

  /** Asks for a report of everything. @returns its id. */
  async requestReport(): Promise<string> {
    return (await this.post('/api/v1/reports', {})).id;
  }

  /** Waits until the report has ended. @returns how it stands then. */
  async reportEnded(id: string): Promise<ReportState> {
    const ended = await waitFor(async () => {
      const answer = await fetch(`${this.server.origin}/api/v1/reports/${id}`);
      if (answer.status !== 200) throw new Error(`The report's answer is ${answer.status}.`);
      const state = (await answer.json()) as ReportState;
      return ['pending', 'running'].includes(state.status) ? null : state;
    }, PATIENCE_MS);
    if (ended === null) throw new Error(`The report ${id} has not ended:\n${this.words}`);
    return ended;
  }

  /** Waits until the import has ended in one of these ways. @throws when it has not in time, or in another. */
  async ended(id: string, ...ways: string[]): Promise<ImportState> {
    let last: ImportState | undefined;
    const ended = await waitFor(async () => {
      last = await this.whenBack(() => this.importState(id));
      return ['pending', 'running'].includes(last.status) ? null : last;
    }, PATIENCE_MS);
    if (ended !== null && ways.includes(ended.status)) return ended;
    throw new Error(
      `The import is ${JSON.stringify(ended ?? last)}, not ${ways.join(' or ')}:\n${this.words}`,
    );
  }

  /** The last words of all processes, for whoever has to find out why. */
  get words(): string {
    return [...this.servers, ...this.workers].map((one) => one.lastWords).join('\n--\n');
  }
}
