/** A server by name and port. */
export interface RedisNode {
  host: string;
  port: number;
}

/** What a REDIS_URL names: one server, a set of Sentinels that know which one is the master, or a cluster. */
export type RedisAddress =
  | { kind: 'single'; url: string }
  | {
      kind: 'sentinel';
      sentinels: RedisNode[];
      master: string;
      database: number;
      login: RedisLogin;
    }
  | { kind: 'cluster'; nodes: RedisNode[]; login: RedisLogin };

export interface RedisLogin {
  username?: string;
  password?: string;
}

/** The three forms, for people. */
export const REDIS_URL_FORMS =
  'redis://host:6379/0 (or rediss://), redis+sentinel://host1:26379,host2:26379/mymaster/0 ' +
  'or redis+cluster://host1:7000,host2:7001';

const SEVERAL = /^redis\+(sentinel|cluster):\/\/(?:([^@/]*)@)?([^@/]*)(?:\/(.*))?$/;
const NODE = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;
const SENTINEL_PORT = 26_379;
const REDIS_PORT = 6_379;

/** Reads a REDIS_URL; what stands in it in place of characters of a URL is decoded. @returns null when it is none. */
export function parseRedisUrl(text: string): RedisAddress | null {
  const several = SEVERAL.exec(text);
  if (several === null) {
    const isUrl = URL.canParse(text) && ['redis:', 'rediss:'].includes(new URL(text).protocol);
    return isUrl ? { kind: 'single', url: text } : null;
  }
  const [, kind, loginText, nodesText = '', rest = ''] = several;
  const login = loginOf(loginText);
  const nodes = nodesOf(nodesText, kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT);
  if (login === null || nodes === null) return null;
  // A cluster has no numbered databases, and no name.
  if (kind === 'cluster') return rest === '' ? { kind, nodes, login } : null;
  const master = /^([^/]+)(?:\/(\d{1,5}))?$/.exec(rest);
  const name = master && decoded(master[1]!);
  if (!name) return null;
  return { kind: 'sentinel', sentinels: nodes, master: name, database: Number(master[2] ?? 0), login };
}

function nodesOf(text: string, defaultPort: number): RedisNode[] | null {
  const nodes: RedisNode[] = [];
  for (const part of text.split(',')) {
    const [, host, portText] = NODE.exec(part) ?? [];
    const port = Number(portText ?? defaultPort);
    if (host === undefined || port < 1 || port > 65_535) return null;
    nodes.push({ host: host.replace(/^\[|\]$/g, ''), port });
  }
  return nodes;
}

function loginOf(text: string | undefined): RedisLogin | null {
  if (text === undefined) return {};
  const colon = text.indexOf(':');
  const username = decoded(colon === -1 ? text : text.slice(0, colon));
  const password = colon === -1 ? '' : decoded(text.slice(colon + 1));
  if (username === null || password === null) return null;
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
