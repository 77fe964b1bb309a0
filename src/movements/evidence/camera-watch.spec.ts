import { QUARTER_US } from '../meaning/pieces.js';
import { CameraWatch } from './camera-watch.js';
import { DAYS_REMEMBERED, QUARTERS_OF_A_DAY } from './store-presence.js';

const NOW = 10_000;

function watch(
  sent: Readonly<Record<string, readonly number[]>>,
  ...mapped: { from: number; cameras: readonly string[] }[]
): CameraWatch {
  return new CameraWatch({
    sent: new Map(Object.entries(sent)),
    mapped: mapped.map(({ from, cameras }) => ({ fromUs: from * QUARTER_US, cameras })),
  });
}

describe('the cameras of a store', () => {
  it('are none where the mapping names none and none has ever sent', () => {
    expect(watch({}).at(NOW)).toBe('none');
    expect(watch({}, { from: 0, cameras: [] }).at(NOW)).toBe('none');
  });

  it('send while each of them has sent within the 24 hours up to the end of the piece', () => {
    const first = NOW - QUARTERS_OF_A_DAY + 1;
    expect(watch({ a: [first] }).at(NOW)).toBe('sending');
    expect(watch({ a: [first - 1] }).at(NOW)).toBe('silent');
    expect(watch({ a: [NOW], b: [first - 1] }).at(NOW)).toBe('silent');
  });

  it('know nothing of what is sent later', () => {
    const cameras = watch({ a: [NOW + 1] });
    expect(cameras.at(NOW)).toBe('none');
    expect(cameras.at(NOW + 1)).toBe('sending');
  });

  it('are those of the mapping in force, sent or not', () => {
    const cameras = watch({ a: [NOW] }, { from: 0, cameras: ['a'] }, { from: NOW, cameras: ['a', 'b'] });
    expect(cameras.at(NOW - 1)).toBe('silent');
    expect(watch({ a: [NOW - 1] }, { from: 0, cameras: ['a'] }).at(NOW - 1)).toBe('sending');
    expect(cameras.at(NOW)).toBe('silent');
    expect(watch({ a: [NOW], gone: [NOW - 500] }, { from: 0, cameras: ['a'] }).at(NOW)).toBe('sending');
  });

  it('are forgotten four weeks after they last sent, where no mapping names them', () => {
    const last = NOW - DAYS_REMEMBERED * QUARTERS_OF_A_DAY + 1;
    expect(watch({ a: [last] }).at(NOW)).toBe('silent');
    expect(watch({ a: [last - 1] }).at(NOW)).toBe('none');
    expect(watch({ a: [last - 1], b: [NOW] }).at(NOW)).toBe('sending');
  });

  it('have sent what came without a name only where there is one', () => {
    expect(watch({ '': [NOW] }, { from: 0, cameras: ['a'] }).at(NOW)).toBe('sending');
    expect(watch({ '': [NOW] }, { from: 0, cameras: ['a', 'b'] }).at(NOW)).toBe('silent');
    expect(watch({ '': [NOW] }).at(NOW)).toBe('sending');
  });
});
