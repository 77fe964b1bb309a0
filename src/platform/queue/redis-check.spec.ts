import { EnvironmentError } from '../environment.js';
import { problemsOf, reasonOf, type RedisFacts, refuseUnfitRedis } from './redis-check.js';

const FIT: RedisFacts = {
  version: '7.2.4',
  maxmemoryPolicy: 'noeviction',
  appendOnly: true,
  usedBytes: 699,
  limitBytes: 1_000,
};

describe('what Redis says of itself', () => {
  it('is no reason to complain when it keeps jobs and has room', () => {
    expect(problemsOf(FIT)).toEqual([]);
    expect(problemsOf({ ...FIT, version: '6.2.0', limitBytes: 0 })).toEqual([]);
  });

  it.each<[string, Partial<RedisFacts>, RegExp]>([
    ['it evicts', { maxmemoryPolicy: 'allkeys-lru' }, /allkeys-lru.*Set maxmemory-policy noeviction/],
    ['it keeps no append-only file', { appendOnly: false }, /Set appendonly yes/],
    ['it is old', { version: '6.0.16' }, /6\.0\.16.*6\.2 or newer/],
    ['it is nearly full', { usedBytes: 700 }, /70 % of its maxmemory/],
    ['it hides its policy', { maxmemoryPolicy: null }, /could not be asked for its maxmemory-policy/],
    ['it hides its append-only file', { appendOnly: null }, /could not be asked whether/],
    ['it hides its version', { version: null }, /could not be asked for its version/],
    ['it hides its memory', { usedBytes: null }, /could not be asked how full/],
  ])('is told, with what to do, when %s', (_, facts, sentence) => {
    const problems = problemsOf({ ...FIT, ...facts });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
  });

  it('is told in full, one sentence for each problem', () => {
    const worst = {
      version: '5.0.7',
      maxmemoryPolicy: 'volatile-lru',
      appendOnly: false,
      usedBytes: 9,
      limitBytes: 9,
    };
    expect(problemsOf(worst)).toHaveLength(4);
  });

  it('refuses the start under STRICT_REDIS when nobody answers, and shows no password', async () => {
    const refused = refuseUnfitRedis('redis://:sesame@127.0.0.1:1/0', true);
    await expect(refused).rejects.toBeInstanceOf(EnvironmentError);
    const { message } = (await refused.catch((error: unknown) => error)) as Error;
    expect(message).toContain('ECONNREFUSED');
    expect(message).not.toContain('sesame');
  });

  it('never holds up a start that is not strict', async () => {
    await expect(refuseUnfitRedis('redis://127.0.0.1:1/0', false)).resolves.toBeUndefined();
    await expect(refuseUnfitRedis(null, true)).resolves.toBeUndefined();
  });

  it('keeps addresses out of the reason of a failure', () => {
    expect(reasonOf(new Error('WRONGPASS invalid username-password pair'))).toBe('WRONGPASS');
    expect(
      reasonOf(Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' })),
    ).toBe('ECONNREFUSED');
  });
});
