import { Cluster, type Redis } from 'ioredis';
import { EnvironmentError } from '../environment.js';
import { openRedis, type RedisConnection } from './redis-connection.js';

/** Older ones lack commands that the queue's scripts use. */
const LEAST_VERSION = [6, 2] as const;
/** At the limit even jobs that are taken already can't be worked off: the scripts that take them are refused too. */
const MEMORY_SHARE = 0.7;
const PATIENCE_MS = 1_000;

/** What a server says of itself; null: it could not be asked. */
export interface RedisFacts {
  version: string | null;
  maxmemoryPolicy: string | null;
  appendOnly: boolean | null;
  usedBytes: number | null;
  /** 0: no limit. */
  limitBytes: number | null;
}

/** What was found out about a Redis. */
export interface RedisFindings {
  /** Sentences on what is not as it has to be, none twice. */
  readonly problems: readonly string[];
  /** It keeps what it is given, and has room for more. What could not be asked counts against it. */
  readonly isDurable: boolean;
}

/** Asks every server that keeps jobs. */
export async function examineRedis(connection: RedisConnection): Promise<RedisFindings> {
  const nodes = connection instanceof Cluster ? connection.nodes('master') : [connection];
  const found = await Promise.all(nodes.map(factsOf));
  return {
    problems: [...new Set(found.flatMap(problemsOf))],
    isDurable: found.length > 0 && found.every(keepsWhatItIsGiven),
  };
}

/**
 * The problems that `examineRedis` finds, over a connection of its own, within a few seconds.
 *
 * @throws what the connection failed with
 */
export async function examineRedisAt(url: string): Promise<readonly string[]> {
  const connection = openRedis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // What it told last says more than the rejection, which of a cluster is only that it is closed.
  let why: Error | null = null;
  connection.on('error', (error: Error) => {
    why = error;
  });
  try {
    await connection.connect();
    return (await examineRedis(connection)).problems;
  } catch (error) {
    throw why ?? error;
  } finally {
    connection.disconnect();
  }
}

/** @throws EnvironmentError with all reasons when `strict` and the Redis may lose jobs, or can't be asked. */
export async function refuseUnfitRedis(url: string | null, strict: boolean): Promise<void> {
  if (!strict || url === null) return;
  const problems = await examineRedisAt(url).catch((error: unknown) => [
    `Redis does not answer (${reasonOf(error)}), so nothing of it could be checked: start it, or mend REDIS_URL.`,
  ]);
  if (problems.length === 0) return;
  throw new EnvironmentError(
    problems.map((problem) => `${problem} (STRICT_REDIS=false starts with a warning instead.)`),
  );
}

/** Why a connection failed, without the address or a password that the message may hold. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? /^[A-Z]{4,}/.exec(message)?.[0] ?? (error as Error).name;
}

/** What of the facts is not as a queue needs it: one sentence each, with what to do. */
export function problemsOf(facts: RedisFacts): string[] {
  return [ofPolicy(facts), ofAppendOnly(facts), ofVersion(facts), ofMemory(facts)].filter(
    (problem) => problem !== null,
  );
}

/** Whether something accepted may lie there alone: the append-only file is written, nothing is evicted, and it is not nearly full. */
export function keepsWhatItIsGiven(facts: RedisFacts): boolean {
  return [ofPolicy(facts), ofAppendOnly(facts), ofMemory(facts)].every((problem) => problem === null);
}

function ofPolicy({ maxmemoryPolicy: policy }: RedisFacts): string | null {
  if (policy === 'noeviction') return null;
  if (policy === null)
    return 'Redis could not be asked for its maxmemory-policy: see to it that it is noeviction.';
  return `Redis may drop accepted jobs: its maxmemory-policy is ${policy}. Set maxmemory-policy noeviction.`;
}

function ofAppendOnly({ appendOnly }: RedisFacts): string | null {
  if (appendOnly === true) return null;
  if (appendOnly === null)
    return 'Redis could not be asked whether it keeps an append-only file: see to it that appendonly is yes.';
  return 'Redis forgets its jobs when it restarts, and they are late then: it keeps no append-only file. Set appendonly yes.';
}

function ofVersion({ version }: RedisFacts): string | null {
  if (version === null)
    return `Redis could not be asked for its version: see to it that it is ${LEAST_VERSION.join('.')} or newer.`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor >= LEAST_VERSION[1])) return null;
  return `Redis is version ${version}. Install ${LEAST_VERSION.join('.')} or newer.`;
}

function ofMemory({ usedBytes, limitBytes }: RedisFacts): string | null {
  if (usedBytes === null || limitBytes === null)
    return 'Redis could not be asked how full it is: see to it that it stays below 70 % of maxmemory.';
  if (limitBytes === 0 || usedBytes < MEMORY_SHARE * limitBytes) return null;
  const percent = Math.round((usedBytes / limitBytes) * 100);
  return `Redis uses ${percent} % of its maxmemory, and takes no job when it is full. Raise maxmemory, or remove what else lies in it.`;
}

async function factsOf(node: Redis): Promise<RedisFacts> {
  const [info, policy, appendOnly, limit] = await Promise.all([
    infoOf(node),
    settingOf(node, 'maxmemory-policy'),
    settingOf(node, 'appendonly'),
    settingOf(node, 'maxmemory'),
  ]);
  const aof = info.get('aof_enabled');
  return {
    version: info.get('redis_version') ?? null,
    maxmemoryPolicy: policy ?? info.get('maxmemory_policy') ?? null,
    appendOnly: appendOnly !== null ? appendOnly === 'yes' : aof === undefined ? null : aof === '1',
    usedBytes: numberOf(info.get('used_memory')),
    limitBytes: numberOf(limit ?? info.get('maxmemory')),
  };
}

/** Who manages a Redis for others often forbids CONFIG; INFO tells most of it. */
async function settingOf(node: Redis, name: string): Promise<string | null> {
  const answer = await unlessForbidden(node.config('GET', name) as Promise<string[]>);
  return answer?.[1] ?? null;
}

async function infoOf(node: Redis): Promise<ReadonlyMap<string, string>> {
  const text = (await unlessForbidden(node.info())) ?? '';
  return new Map([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name!, value!] as const));
}

async function unlessForbidden<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    // Only Redis itself refuses so; a connection that broke says nothing of its settings.
    if ((error as Error).name === 'ReplyError') return null;
    throw error;
  }
}

function numberOf(text: string | undefined): number | null {
  return text === undefined || !/^\d+$/.test(text) ? null : Number(text);
}
