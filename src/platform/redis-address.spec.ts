import { parseRedisUrl } from './redis-address.js';

describe('a REDIS_URL', () => {
  it('names one server', () => {
    for (const url of ['redis://127.0.0.1:6379/3', 'rediss://user:secret@redis.example'])
      expect(parseRedisUrl(url)).toEqual({ kind: 'single', url });
  });

  it('names Sentinels, the master that they watch, and a database', () => {
    expect(parseRedisUrl('redis+sentinel://me:p%40ss@one:26380,[::1],three.example/mymaster/2')).toEqual({
      kind: 'sentinel',
      sentinels: [
        { host: 'one', port: 26_380 },
        { host: '::1', port: 26_379 },
        { host: 'three.example', port: 26_379 },
      ],
      master: 'mymaster',
      database: 2,
      login: { username: 'me', password: 'p@ss' },
    });
    expect(parseRedisUrl('redis+sentinel://one/mymaster')).toMatchObject({ database: 0, login: {} });
  });

  it('names nodes of a cluster', () => {
    expect(parseRedisUrl('redis+cluster://:secret@one:7000,two')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'one', port: 7_000 },
        { host: 'two', port: 6_379 },
      ],
      login: { password: 'secret' },
    });
  });

  it.each([
    ['another scheme', 'http://127.0.0.1:6379'],
    ['no scheme', '127.0.0.1:6379'],
    ['Sentinels without a master', 'redis+sentinel://one:26379,two:26379'],
    ['Sentinels with an empty master', 'redis+sentinel://one:26379/'],
    ['a database that is no number', 'redis+sentinel://one:26379/mymaster/first'],
    ['a cluster with a database', 'redis+cluster://one:7000/1'],
    ['no host', 'redis+cluster://'],
    ['an empty host among others', 'redis+cluster://one:7000,,two:7001'],
    ['a port out of range', 'redis+cluster://one:70000'],
    ['a login that is not well encoded', 'redis+cluster://:%zz@one:7000'],
  ])('is refused with %s', (_, url) => {
    expect(parseRedisUrl(url)).toBeNull();
  });
});
