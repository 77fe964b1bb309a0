import { repeatBrokenOff } from './broken-off.js';

const failed = (code: string): Error => Object.assign(new Error(code), { code });

describe('work that the server breaks off', () => {
  it.each(['40001', '40P01'])('is done again after %s, until it is done', async (code) => {
    const work = jest
      .fn()
      .mockRejectedValueOnce(failed(code))
      .mockRejectedValueOnce(failed(code))
      .mockResolvedValue('done');
    expect(await repeatBrokenOff(work)).toBe('done');
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('fails with what it failed with when it never gets through', async () => {
    const work = jest.fn().mockRejectedValue(failed('40P01'));
    await expect(repeatBrokenOff(work)).rejects.toMatchObject({ code: '40P01' });
    expect(work).toHaveBeenCalledTimes(4);
  });

  it.each([failed('23505'), new Error('connect ECONNREFUSED')])(
    'is not done again where it failed otherwise: %s',
    async (error) => {
      const work = jest.fn().mockRejectedValue(error);
      await expect(repeatBrokenOff(work)).rejects.toBe(error);
      expect(work).toHaveBeenCalledTimes(1);
    },
  );
});
