import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import {
  ESTIMATORS,
  UNOBSERVED_WAYS,
  WINDOW_MODES,
  canonicalZone,
  type Policy,
} from '../availability/index.js';
import { parseRedisUrl, REDIS_URL_FORMS } from './redis-address.js';
import { parseS3Location, type S3Location } from './storage/s3-location.js';

/** The folder that holds package.json: two levels above this file, in `src` and in `dist` alike. */
export const PROJECT_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Everything the process takes from outside, read once and checked. Nobody else sees a variable's name. */
export class Environment {
  host: string;
  port: number;
  /** Null: the embedded database. */
  databaseUrl: string | null;
  /** Where the embedded database lives. */
  databaseDir: string;
  databasePool: number;
  /** One server, Sentinels or a cluster (redis-address.ts). Null: no queue, work runs inside the API process. */
  redisUrl: string | null;
  /** Refuse to start on a Redis that may drop or forget jobs, instead of warning. */
  strictRedis: boolean;
  dataDir: string;
  reportsDir: string;
  /** Finished files lie there instead; null: in `reportsDir`. */
  s3: S3Location | null;
  /** Rows and files of reports that ended so many days ago are removed; null: never. */
  reportRetentionDays: number | null;
  /** Where uploaded files lie until they are loaded. */
  uploadsDir: string;
  /** The most that one upload may bring, unpacked. */
  uploadLimitBytes: number;
  /** Weeks of polls older than so many days are dropped; null: never. */
  retentionDays: number | null;
  /** Movement events that wait in Redis are stored at the latest after so long. */
  movementFlushMs: number;
  /** Above so many waiting events no more are taken. */
  movementBufferLimit: number;
  /** Days of single movement events that are kept; what was worked out from them stays. */
  movementRetentionDays: number;
  /** A track that was not seen for longer is another session. */
  trackTimeoutMs: number;
  /** Whether a person's id is hashed before it is kept anywhere. */
  hashUserIds: boolean;
  /** Where the secret of those hashes lies; made at the first need. */
  userIdSecretFile: string;
  defaultZone: string;
  /** What the routes without options use. */
  defaultPolicy: Policy;
  /** A file is refused whole above this share of bad rows … */
  rejectLimitShare: number;
  /** … when there are at least this many. */
  rejectLimitRows: number;
}

/** Names every setting that can't be used, so that one start tells all there is to mend. */
export class EnvironmentError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration can't be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'EnvironmentError';
  }
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables into an `Environment`.
 *
 * @throws EnvironmentError with every problem at once; never with the value of a password.
 */
export function readEnvironment(variables: Variables): Environment {
  const read = new VariableReader(variables);
  const environment = Object.assign(new Environment(), {
    host: read.loopbackHost('HOST'),
    port: read.integer('PORT', 8000, 0, 65535),
    databaseUrl: read.databaseUrl(),
    databaseDir: read.folder('STOREWATCH_DB_DIR', '.storewatch/db'),
    databasePool: read.integer('DB_POOL', 10, 5, 100),
    redisUrl: read.redisUrl(),
    strictRedis: read.flag('STRICT_REDIS'),
    dataDir: read.folder('DATA_DIR', 'data'),
    reportsDir: read.folder('REPORTS_DIR', 'reports'),
    s3: read.s3('STORAGE_URL'),
    reportRetentionDays: read.integer('REPORT_RETENTION_DAYS', 0, 0, 100_000) || null,
    uploadsDir: read.folder('UPLOADS_DIR', '.storewatch/uploads'),
    uploadLimitBytes: read.integer('UPLOAD_LIMIT_MB', 8_192, 1, 1_000_000) * 1_000_000,
    retentionDays: read.integer('RETENTION_DAYS', 0, 0, 100_000) || null,
    movementFlushMs: read.integer('MOVEMENT_FLUSH_SECONDS', 10, 1, 3_600) * 1_000,
    movementBufferLimit: read.integer('MOVEMENT_BUFFER_LIMIT', 500_000, 1_000, 100_000_000),
    movementRetentionDays: read.integer('MOVEMENT_RETENTION_DAYS', 30, 1, 400),
    trackTimeoutMs: read.integer('TRACK_TIMEOUT_SECONDS', 30, 1, 3_600) * 1_000,
    hashUserIds: read.onOff('USER_ID_HASH'),
    userIdSecretFile: read.folder('USER_ID_SECRET_FILE', '.storewatch/user-id.key'),
    defaultZone: read.zone('DEFAULT_ZONE', 'America/Chicago'),
    defaultPolicy: {
      windows: read.choice('DEFAULT_WINDOWS', WINDOW_MODES),
      unobserved: read.choice('DEFAULT_UNOBSERVED', UNOBSERVED_WAYS),
      estimator: read.choice('DEFAULT_ESTIMATOR', ESTIMATORS),
    },
    rejectLimitShare: read.share('REJECT_LIMIT_SHARE', 0.05),
    rejectLimitRows: read.integer('REJECT_LIMIT_ROWS', 100, 1, 1_000_000_000),
  });
  read.throwProblems();
  return environment;
}

/** The process's own environment, with what a `.env` file in the project's folder adds; set variables win. */
export function loadEnvironment(
  file: string = path.join(PROJECT_ROOT, '.env'),
  variables: Variables = process.env,
): Environment {
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return readEnvironment({ ...(fromFile as Variables), ...variables });
}

class VariableReader {
  private readonly problems: string[] = [];

  constructor(private readonly variables: Variables) {}

  throwProblems(): void {
    if (this.problems.length > 0) throw new EnvironmentError(this.problems);
  }

  /** A variable that is set to nothing counts as not set: that is how an `.env.example` is usually left. */
  private text(name: string): string | undefined {
    const value = this.variables[name]?.trim();
    return value === '' ? undefined : value;
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    this.problems.push(`${name} is '${text}'; it has to be a whole number from ${least} to ${most}.`);
    return fallback;
  }

  share(name: string, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (value >= 0 && value <= 1) return value;
    this.problems.push(`${name} is '${text}'; it has to be a number from 0 to 1.`);
    return fallback;
  }

  flag(name: string): boolean {
    const text = this.text(name) ?? 'false';
    if (text !== 'true' && text !== 'false')
      this.problems.push(`${name} is '${text}'; it has to be true or false.`);
    return text === 'true';
  }

  /** On unless it is turned off. */
  onOff(name: string): boolean {
    return this.choice(name, ['on', 'off']) === 'on';
  }

  choice<T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const text = this.text(name);
    if (text === undefined) return allowed[0];
    const found = allowed.find((value) => value === text);
    if (found !== undefined) return found;
    this.problems.push(`${name} is '${text}'; it has to be one of ${allowed.join(', ')}.`);
    return allowed[0];
  }

  zone(name: string, fallback: string): string {
    const text = this.text(name) ?? fallback;
    const zone = canonicalZone(text);
    if (zone !== null) return zone;
    this.problems.push(`${name} is '${text}'; it has to be an IANA time zone such as America/Chicago.`);
    return fallback;
  }

  folder(name: string, fallback: string): string {
    return path.resolve(PROJECT_ROOT, this.text(name) ?? fallback);
  }

  /** Without API keys anybody who reaches the port may do everything, so only this machine may reach it. */
  loopbackHost(name: string): string {
    const host = this.text(name) ?? '127.0.0.1';
    if (host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)) return host;
    this.problems.push(
      `${name} is '${host}'; only a loopback address (127.0.0.1, ::1, localhost) is allowed, since there are no keys yet. ` +
        'To serve other machines, put a proxy that authenticates in front.',
    );
    return '127.0.0.1';
  }

  databaseUrl(): string | null {
    const host = this.text('DB_HOST');
    return (
      this.url('DATABASE_URL', ['postgres:', 'postgresql:']) ??
      (host === undefined
        ? this.refuseOrphans('DB_HOST', ['DB_PORT', 'DB_NAME', 'DB_USER', 'DB_PASSWORD'])
        : this.compose('postgres:', host, {
            port: this.integer('DB_PORT', 5432, 1, 65535),
            user: this.text('DB_USER'),
            password: this.text('DB_PASSWORD'),
            path: this.text('DB_NAME') ?? 'storewatch',
          }))
    );
  }

  redisUrl(): string | null {
    const host = this.text('REDIS_HOST');
    return (
      this.redisAddress('REDIS_URL') ??
      (host === undefined
        ? this.refuseOrphans('REDIS_HOST', ['REDIS_PORT', 'REDIS_DB', 'REDIS_PASSWORD'])
        : this.compose('redis:', host, {
            port: this.integer('REDIS_PORT', 6379, 1, 65535),
            user: undefined,
            password: this.text('REDIS_PASSWORD'),
            path: String(this.integer('REDIS_DB', 0, 0, 1_000)),
          }))
    );
  }

  s3(name: string): S3Location | null {
    const url = this.url(name, ['s3:']);
    if (url === null) return null;
    const location = parseS3Location(url, (variable) => this.text(variable));
    if (!('length' in location)) return location;
    this.problems.push(...location);
    return null;
  }

  private redisAddress(name: string): string | null {
    const text = this.text(name);
    if (text === undefined || parseRedisUrl(text) !== null) return text ?? null;
    this.problems.push(`${name} can't be read; it has to be one of ${REDIS_URL_FORMS}.`);
    return null;
  }

  url(name: string, schemes: readonly string[]): string | null {
    const text = this.text(name);
    if (text === undefined) return null;
    if (URL.canParse(text) && schemes.includes(new URL(text).protocol)) return text;
    this.problems.push(
      `${name} is no URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}.`,
    );
    return null;
  }

  private compose(
    scheme: string,
    host: string,
    parts: { port: number; user: string | undefined; password: string | undefined; path: string },
  ): string {
    const login =
      parts.user === undefined && parts.password === undefined
        ? ''
        : `${encodeURIComponent(parts.user ?? '')}:${encodeURIComponent(parts.password ?? '')}@`;
    const address = host.includes(':') ? `[${host}]` : host;
    return `${scheme}//${login}${address}:${parts.port}/${encodeURIComponent(parts.path)}`;
  }

  /** A port or password without a host is most likely a slip: used silently, it would mean another server. */
  private refuseOrphans(host: string, others: readonly string[]): null {
    const orphans = others.filter((name) => this.text(name) !== undefined);
    if (orphans.length > 0) this.problems.push(`${orphans.join(', ')}: given without ${host}.`);
    return null;
  }
}
