import { DEFAULT_POLICY } from '../availability/index.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EnvironmentError, loadEnvironment, readEnvironment } from './environment.js';

function problemsOf(variables: Record<string, string>): readonly string[] {
  try {
    readEnvironment(variables);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('needs nothing: the embedded database, no queue, port 8000 on loopback', () => {
    const environment = readEnvironment({});
    expect(environment).toMatchObject({ host: '127.0.0.1', port: 8000, databaseUrl: null, redisUrl: null });
    expect(environment.defaultPolicy).toEqual(DEFAULT_POLICY);
    expect(environment.defaultZone).toBe('America/Chicago');
  });

  it('takes a variable that is set to nothing as not set', () => {
    expect(readEnvironment({ PORT: '', DATABASE_URL: ' ', DEFAULT_ZONE: '' })).toMatchObject({
      port: 8000,
      databaseUrl: null,
      defaultZone: 'America/Chicago',
    });
  });

  it('takes from a .env file what the process itself does not set', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'storewatch-env-'));
    const file = path.join(folder, '.env');
    try {
      writeFileSync(file, '# comment\nPORT=8100\nDEFAULT_WINDOWS="calendar"\nDATA_DIR=\n');
      const environment = loadEnvironment(file, { PORT: '8200' });
      expect(environment.port).toBe(8200);
      expect(environment.defaultPolicy.windows).toBe('calendar');
      expect(loadEnvironment(path.join(folder, 'missing'), {}).port).toBe(8000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('composes the addresses of PostgreSQL and Redis from their parts, with everything escaped', () => {
    const environment = readEnvironment({
      DB_HOST: 'db.example',
      DB_USER: 'o@ps',
      DB_PASSWORD: 'a/b:c',
      DB_NAME: 'watch',
      REDIS_HOST: '::1',
      REDIS_DB: '3',
      REDIS_PASSWORD: 'p w',
    });
    expect(environment.databaseUrl).toBe('postgres://o%40ps:a%2Fb%3Ac@db.example:5432/watch');
    expect(environment.redisUrl).toBe('redis://:p%20w@[::1]:6379/3');
  });

  it('prefers a whole address to its parts', () => {
    const environment = readEnvironment({ DATABASE_URL: 'postgres://one/db', DB_HOST: 'other' });
    expect(environment.databaseUrl).toBe('postgres://one/db');
  });

  it('tells all problems at once, each with what is allowed', () => {
    const problems = problemsOf({
      PORT: 'abc',
      DEFAULT_ZONE: 'Mars/Phobos',
      DEFAULT_WINDOWS: 'weekly',
      REJECT_LIMIT_SHARE: '5',
      DATABASE_URL: 'mysql://localhost',
      REDIS_URL: 'localhost',
    });
    expect(problems).toHaveLength(6);
    expect(problems.join('\n')).toContain("PORT is 'abc'; it has to be a whole number from 0 to 65535.");
    expect(problems.join('\n')).toContain(
      "DEFAULT_WINDOWS is 'weekly'; it has to be one of rolling, calendar.",
    );
    expect(problems.join('\n')).toContain("REDIS_URL can't be read; it has to be one of redis://");
  });

  it('never tells a password, not even of an address that can not be used', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://ops:s3cret@db/x' }).join()).not.toContain('s3cret');
  });

  it('refuses to listen anywhere but on loopback', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('only a loopback address')]);
    expect(problemsOf({ HOST: 'example.com' })).toHaveLength(1);
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost'])
      expect(problemsOf({ HOST: host })).toEqual([]);
  });

  it('refuses parts of an address without its host, which would silently mean another server', () => {
    expect(problemsOf({ DB_PASSWORD: 'x', DB_NAME: 'watch' })).toEqual([
      'DB_NAME, DB_PASSWORD: given without DB_HOST.',
    ]);
  });
});
