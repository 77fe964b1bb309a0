import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_ROOT } from '../../../src/platform/environment.js';

const START_LIMIT_MS = 45_000;
const LINES_KEPT = 40;

/** What a process of the product is told. */
export interface ProductSettings {
  databaseUrl: string;
  /** Null: no queue, the server does the work itself. */
  redisUrl: string | null;
  /** Holds its `data`, `reports` and `uploads`, and the secret that hashes people. */
  folder: string;
  /** A module that the process runs before the product, to do to it what only comes from inside; a file URL. */
  preload?: string;
  /** Variables that it is given besides. */
  variables?: Readonly<Record<string, string>>;
}

/** A process of the built product, as it is deployed: `dist/main.js` or `dist/worker.js`. */
export class ProductProcess {
  private readonly lines: string[] = [];
  /** Settled when the process has ended, whatever ended it. */
  readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'exit');
  }

  /** The API process, on a port of its own choice. @returns when it answers, with where it does. */
  static async startServer(settings: ProductSettings): Promise<ProductProcess & { origin: string }> {
    const started = ProductProcess.spawn('main.js', settings);
    const [, origin] = await started.line(/Storewatch is at (http:\/\/[\d.:]+)/);
    return Object.assign(started, { origin: origin! });
  }

  /** @returns when it takes work. */
  static async startWorker(settings: ProductSettings): Promise<ProductProcess> {
    const started = ProductProcess.spawn('worker.js', settings);
    await started.line(/Ready: /);
    return started;
  }

  private static spawn(entry: string, settings: ProductSettings): ProductProcess {
    const { databaseUrl, redisUrl, folder, preload, variables } = settings;
    const words = preload === undefined ? [] : ['--import', preload];
    const child = spawn(process.execPath, [...words, path.join(PROJECT_ROOT, 'dist', entry)], {
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: '0',
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl ?? '',
        REDIS_HOST: '',
        REDIS_PORT: '',
        REDIS_DB: '',
        REDIS_PASSWORD: '',
        DATA_DIR: path.join(folder, 'data'),
        REPORTS_DIR: path.join(folder, 'reports'),
        UPLOADS_DIR: path.join(folder, 'uploads'),
        USER_ID_SECRET_FILE: path.join(folder, 'user-id.key'),
        ...variables,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ProductProcess(child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The signal that ended it; null while it runs, and when it ended by itself. */
  get endedBy(): NodeJS.Signals | null {
    return this.child.signalCode;
  }

  /** What it said last, for whoever has to find out why. */
  get lastWords(): string {
    return this.lines.join('\n');
  }

  /** Does nothing when it has ended. @returns its exit code, null when a signal ended it. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    if (!this.hasEnded) {
      this.child.kill(signal);
      await this.ended;
    }
    return this.child.exitCode;
  }

  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void {
    this.child.kill(signal);
  }

  /** Waits for a line of its output. @throws when it ends before, with what it said. */
  private line(wanted: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const tooLong = setTimeout(() => {
        // Nobody would know of it any more.
        this.child.kill('SIGKILL');
        reject(new Error(`It has not said ${wanted}:\n${this.lastWords}`));
      }, START_LIMIT_MS);
      const settle = (act: () => void): void => {
        clearTimeout(tooLong);
        act();
      };
      for (const stream of [this.child.stdout!, this.child.stderr!]) {
        createInterface({ input: stream }).on('line', (text) => {
          if (this.lines.push(text) > LINES_KEPT) this.lines.shift();
          const found = wanted.exec(text);
          if (found !== null) settle(() => resolve(found));
        });
      }
      void this.ended.then(() =>
        settle(() => reject(new Error(`It ended without having said ${wanted}:\n${this.lastWords}`))),
      );
    });
  }
}
