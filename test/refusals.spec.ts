import { gzipSync } from 'node:zlib';
import { startTestApi, type TestApi } from './support/application.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('a request that can not be used', () => {
  let api: TestApi;
  let base: string;

  beforeAll(async () => {
    api = await startTestApi();
    base = await api.app.getUrl();
  });

  afterAll(() => api.close());

  interface Told {
    status: number;
    type: string;
    detail: string;
    errors?: { pointer: string; code: string }[];
  }

  async function refused(
    body: string | Buffer,
    headers: Record<string, string> = JSON_TYPE,
    address = '/api/v1/reports',
  ): Promise<Told> {
    const sent = typeof body === 'string' ? body : new Uint8Array(body);
    const answer = await fetch(base + address, { method: 'POST', headers, body: sent });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    return (await answer.json()) as Told;
  }

  it.each<[string, string, number, string, string]>([
    ['no JSON', 'please', 400, 'bad_body', '"p" in line 1, column 1 does not belong there'],
    [
      'JSON with a slip',
      '{"force":\n tru}',
      400,
      'bad_body',
      '"}" in line 2, column 5 does not belong there',
    ],
    ['half of a body', '{"force": ', 400, 'bad_body', 'it breaks off before its end'],
    ['null', 'null', 400, 'not_an_object', 'has to be one JSON object, such as {}, and not null'],
    ['text', '"please"', 400, 'not_an_object', 'and not a string'],
    ['a number', '17', 400, 'not_an_object', 'and not a number'],
    ['a list', '[{}]', 400, 'not_an_object', 'and not a list'],
    ['machinery', '{"__proto__": {"force": true}}', 400, 'unknown_member', "a member '__proto__'"],
    ['machinery within', '{"label": {"constructor": 1}}', 400, 'unknown_member', "a member 'constructor'"],
    [
      'more than there may be',
      JSON.stringify({ label: 'x'.repeat(1_100_000) }),
      413,
      'too_large',
      'longer than 1 MB',
    ],
    ['depths', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 400, 'too_deep', 'nested too deeply'],
  ])('is told what its body is in our own words: %s', async (_, body, status, code, words) => {
    const told = await refused(body);
    expect(told).toMatchObject({ status, type: `urn:storewatch:problem:${code}` });
    expect(told.detail).toContain(words);
    expect(told.detail).toMatch(/^[A-Z].*\.$/s);
    expect(told.detail).not.toMatch(/Unexpected|JSON at position|is not valid|entity/);
  });

  it.each<[string, Buffer, Record<string, string>, number, string]>([
    ['packed by nobody', Buffer.from('{}'), { 'Content-Encoding': 'gzip' }, 400, "it can't be unpacked"],
    [
      'packed and cut off',
      gzipSync('{}').subarray(0, 12),
      { 'Content-Encoding': 'gzip' },
      400,
      "can't be unpacked",
    ],
    ['packed as nobody knows', Buffer.from('{}'), { 'Content-Encoding': 'lzma' }, 415, "'lzma'"],
    [
      'packed small and large',
      gzipSync(JSON.stringify({ label: 'x'.repeat(3_000_000) })),
      { 'Content-Encoding': 'gzip' },
      413,
      'longer than 1 MB',
    ],
    [
      'of other characters',
      Buffer.from('{}'),
      { 'Content-Type': 'application/json; charset=ebcdic' },
      415,
      'UTF-8',
    ],
  ])('is told that it can not be unpacked or read: %s', async (_, body, headers, status, words) => {
    const told = await refused(body, { ...JSON_TYPE, ...headers });
    expect(told.status).toBe(status);
    expect(told.detail).toContain(words);
  });

  it('is read when it is packed well', async () => {
    const answer = await fetch(`${base}/api/v1/reports`, {
      method: 'POST',
      headers: { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
      body: new Uint8Array(gzipSync('{"label": "packed"}')),
    });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ label: 'packed' });
  });

  it('is told what its members have to be', async () => {
    const told = await refused('{"force": "yes", "include_unpolled": 1, "label": "", "store_ids": []}');
    expect(told.detail).toBe(
      'store_ids has to hold at least 1. include_unpolled has to be true or false. ' +
        'force has to be true or false. label has to have at least 1 characters.',
    );
  });

  it.each([
    ['POST', '/api/v1/reports?force=true', '/force'],
    ['POST', '/api/v1/reports?', null],
    ['GET', '/api/v1/reports?limit=1&stauts=failed', '/stauts'],
    ['GET', '/api/v1/reports/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000?x=1', '/x'],
    ['GET', '/api/v1/stores/0012?x=1', '/x'],
    ['DELETE', '/api/v1/reports/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000?really=1', '/really'],
    ['GET', '/api/v1/health?verbose', '/verbose'],
    ['GET', '/API/V1/Health?verbose', '/verbose'],
    ['GET', '/api/v1/data?a=1&a=2', '/a'],
    ['GET', '/livez?x=1', null],
  ])('is told which parameter of its address is unknown: %s %s', async (method, address, pointer) => {
    const answer = await fetch(base + address, { method });
    const told = (await answer.json()) as Told;
    if (pointer === null) return expect(answer.status).toBeLessThan(400);
    expect(answer.status).toBe(400);
    expect(told.errors).toMatchObject([{ pointer, code: 'unknown_member' }]);
  });

  it('is told that its address can not be read', async () => {
    const answer = await fetch(`${base}/api/v1/reports/%ff`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as Told).detail).toContain('a % in it begins no character');
  });
});
