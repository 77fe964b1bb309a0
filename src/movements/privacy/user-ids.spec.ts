import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHmac } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from '@swc/core';
import { Logger } from '@nestjs/common';
import { type Environment, readEnvironment } from '../../platform/environment.js';
import { UserIds } from './user-ids.js';

const run = promisify(execFile);

describe("a person's id", () => {
  let folder: string;
  let file: string;
  let environment: Environment;
  let warnings: string[];
  let errors: string[];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewatch-ids-'));
    file = path.join(folder, 'deep', 'user-id.key');
    environment = { ...readEnvironment({}), userIdSecretFile: file };
    warnings = [];
    errors = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((text) => void warnings.push(String(text)));
    jest.spyOn(Logger.prototype, 'error').mockImplementation((text) => void errors.push(String(text)));
  });

  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  const started = (): UserIds => {
    const ids = new UserIds(environment);
    ids.onModuleInit();
    return ids;
  };

  it('is kept as its HMAC under a secret that is made at the first need, for its owner alone', () => {
    const ids = started();
    expect(() => statSync(file)).toThrow('ENOENT');
    const kept = ids.keep('USER123');
    const secret = readFileSync(file, 'utf8');
    expect(secret).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(file))).toEqual(['user-id.key']);
    expect(kept).toBe(createHmac('sha256', secret.trim()).update('USER123').digest('hex'));
    expect(warnings.concat(errors)).toEqual([]);
  });

  it('has the same hash in every process, after every start, and another for other ids', () => {
    const first = started().keep('USER123');
    expect(started().keep('USER123')).toBe(first);
    expect(started().keep('user123')).not.toBe(first);
  });

  it('is kept as it is where hashing is off, and no secret is made', () => {
    environment.hashUserIds = false;
    expect(started().keep('USER123')).toBe('USER123');
    expect(() => statSync(file)).toThrow('ENOENT');
  });

  it('has one secret, however many processes make it at once', async () => {
    const source = readFileSync(path.join(__dirname, 'secret-file.ts'), 'utf8');
    const { code } = transformSync(source, {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    const script = `${code}; process.stdout.write(exports.readOrMakeSecret(process.argv[1]).text);`;
    const secrets = await Promise.all(
      Array.from({ length: 6 }, async () => (await run(process.execPath, ['-e', script, file])).stdout),
    );
    expect(new Set(secrets)).toEqual(new Set([readFileSync(file, 'utf8').trim()]));
    expect(readdirSync(path.dirname(file))).toEqual(['user-id.key']);
  });

  describe('with a secret that', () => {
    const put = (text: string, mode = 0o600): void => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text, { mode });
      chmodSync(file, mode);
    };

    it('others may read is hashed, with a warning', () => {
      put('a'.repeat(64), 0o644);
      expect(started().keep('USER123')).toMatch(/^[0-9a-f]{64}$/);
      expect(warnings).toEqual([expect.stringContaining('chmod 600')]);
    });

    it.each([
      ['is too short', () => put('secret')],
      ['is empty', () => put('')],
      ['is a folder', () => mkdirSync(file, { recursive: true })],
    ])('%s is refused, and told of at the start', (_, prepare) => {
      prepare();
      const ids = started();
      expect(errors).toEqual([expect.stringContaining(file)]);
      expect(() => ids.keep('USER123')).toThrow(expect.objectContaining({ status: 503, code: 'no_secret' }));
    });

    it('was mended is taken without a new start', () => {
      put('short');
      const ids = started();
      expect(() => ids.keep('USER123')).toThrow(expect.objectContaining({ code: 'no_secret' }));
      put('b'.repeat(40));
      expect(ids.keep('USER123')).toBe(createHmac('sha256', 'b'.repeat(40)).update('USER123').digest('hex'));
    });

    it('can not be made is refused', () => {
      writeFileSync(path.join(folder, 'deep'), 'no folder');
      expect(() => started().keep('USER123')).toThrow(expect.objectContaining({ code: 'no_secret' }));
      expect(errors.join()).toContain('USER_ID_SECRET_FILE');
    });
  });
});
