import type { Camera } from '../mapping-content.js';
import { locate, type SeenBox } from './index.js';

const CORNERS: SeenBox = {
  bbox: [100, 200, 300, 600],
  format: 'xyxy',
  frame: { w: 1000, h: 1000 },
  cameraKey: '',
};
const PLAIN: Camera = {
  key: 'door',
  name: 'Door',
  frame: { w: 2000, h: 2000 },
  calibration: null,
  enabled: true,
};
/** Shows the left half of the plan. */
const CALIBRATED: Camera = {
  ...PLAIN,
  key: 'hall',
  calibration: {
    image: [
      [0, 0],
      [2000, 0],
      [2000, 2000],
      [0, 2000],
    ],
    plan: [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
  },
};

describe('the place of a box', () => {
  it('is the point of its anchor', () => {
    expect(locate(CORNERS, [], 'bottom_center')).toEqual([0.2, 0.6]);
    expect(locate(CORNERS, [], 'center')).toEqual([0.2, 0.4]);
    expect(locate(CORNERS, [], 'top_center')).toEqual([0.2, 0.2]);
  });

  it('is the same in every format', () => {
    expect(locate({ ...CORNERS, bbox: [100, 200, 200, 400], format: 'xywh' }, [], 'bottom_center')).toEqual([
      0.2, 0.6,
    ]);
    const [x, y] = locate(
      { ...CORNERS, bbox: [0.1, 0.2, 0.3, 0.6], format: 'norm', frame: null },
      [],
      'bottom_center',
    )!;
    expect(x).toBeCloseTo(0.2, 12);
    expect(y).toBe(0.6);
  });

  it('is not told by pixels of an image of unknown size', () => {
    expect(locate({ ...CORNERS, frame: null }, [], 'bottom_center')).toBeNull();
    expect(locate({ ...CORNERS, frame: null, cameraKey: 'door' }, [PLAIN], 'bottom_center')).toEqual([
      0.1, 0.3,
    ]);
  });

  it('is not clipped to the plan', () => {
    expect(locate({ ...CORNERS, bbox: [900, 900, 1300, 1200] }, [], 'bottom_center')).toEqual([1.1, 1.2]);
  });

  it('is taken through the calibration, whatever size the event gives its image', () => {
    const near = (box: Partial<SeenBox>): number[] =>
      locate({ ...CORNERS, cameraKey: 'hall', ...box }, [CALIBRATED], 'bottom_center')!.map(
        (share) => Math.round(share * 1e9) / 1e9,
      );
    expect(near({})).toEqual([0.1, 0.6]);
    expect(near({ frame: null })).toEqual([0.05, 0.3]);
    expect(near({ bbox: [0.1, 0.2, 0.3, 0.6], format: 'norm', frame: null })).toEqual([0.1, 0.6]);
  });

  it('needs an image size for shares of a calibrated image', () => {
    const unsized = { ...CALIBRATED, frame: null };
    const box: SeenBox = {
      ...CORNERS,
      bbox: [0.1, 0.2, 0.3, 0.6],
      format: 'norm',
      frame: null,
      cameraKey: 'hall',
    };
    expect(locate(box, [unsized], 'center')).toBeNull();
  });

  it('is nowhere for a camera that is switched off', () => {
    expect(locate({ ...CORNERS, cameraKey: 'door' }, [{ ...PLAIN, enabled: false }], 'center')).toBeNull();
  });

  it('is by the only camera when the event names none', () => {
    expect(locate({ ...CORNERS, frame: null }, [PLAIN], 'bottom_center')).toEqual([0.1, 0.3]);
    expect(locate({ ...CORNERS, frame: null }, [PLAIN, { ...PLAIN, key: 'b' }], 'bottom_center')).toBeNull();
  });

  it('is on the plan for an unknown camera unless one of the others is calibrated', () => {
    const unknown = { ...CORNERS, cameraKey: 'new' };
    expect(locate(unknown, [PLAIN], 'bottom_center')).toEqual([0.2, 0.6]);
    expect(locate(unknown, [PLAIN, CALIBRATED], 'bottom_center')).toBeNull();
    expect(locate({ ...unknown, cameraKey: '' }, [PLAIN, CALIBRATED], 'bottom_center')).toBeNull();
  });
});
