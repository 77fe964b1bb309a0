import type pg from 'pg';
import type { Clock } from '../../platform/clock.js';
import type { KeptVersion } from '../blueprint-versions.reader.js';
import { EMPTY_CONTENT } from '../content/content.parser.js';
import type { MappingReader } from '../mapping/mapping.reader.js';
import type { MappingContent, Zone } from '../mapping-content.js';
import type { ApplyOptions } from './apply-options.js';
import { BlueprintApplier } from './blueprint.applier.js';

const VERSION: KeptVersion = {
  id: '0198b2c0-0000-7000-8000-000000000000',
  version: 1,
  name: 'Corner shop',
  description: null,
  isActive: true,
  content: EMPTY_CONTENT,
  hash: '-',
  createdAt: new Date(0),
};

const OPTIONS: ApplyOptions = {
  mode: 'merge',
  onConflict: 'fail',
  dryRun: false,
  effectiveFromUs: null,
  askedUs: 0,
};

describe('applying a blueprint', () => {
  it('gives others their turn after every store', async () => {
    const stores = Array.from({ length: 20 }, (_, place) => ({ key: place + 1, id: `store-${place + 1}` }));
    // Answers at once, so that every turn of the event loop is one that was given back.
    const client = {
      query: () => Promise.resolve({ rows: stores.map(({ key }) => ({ key })) }),
    } as unknown as pg.PoolClient;
    const reader = {
      heads: () => Promise.resolve(new Map()),
      lastNumbers: () => Promise.resolve(new Map()),
    } as unknown as MappingReader;
    const applier = new BlueprintApplier(reader, { nowUs: () => 0 } as Clock);
    let turns = 0;
    let isOver = false;
    const countTurns = (): void => {
      turns += 1;
      if (!isOver) setImmediate(countTurns);
    };
    setImmediate(countTurns);
    const done = await applier.apply(client, VERSION, stores, OPTIONS);
    isOver = true;
    expect(done).toHaveLength(20);
    expect(turns).toBeGreaterThanOrEqual(20);
  });

  it('is refused where blueprint and mapping have more corners together than could be edited', async () => {
    const held = {
      content: withCorners('held'),
      hash: 'h',
      revision: 1,
      effectiveFromUs: 0,
      blueprint: null,
    };
    const client = { query: () => Promise.resolve({ rows: [{ key: 1 }] }) } as unknown as pg.PoolClient;
    const reader = {
      heads: () => Promise.resolve(new Map([[1, held]])),
      lastNumbers: () => Promise.resolve(new Map([[1, 1]])),
    } as unknown as MappingReader;
    const applier = new BlueprintApplier(reader, { nowUs: () => 0 } as Clock);
    const version = { ...VERSION, content: withCorners('new') };
    const [done] = await applier.apply(client, version, [{ key: 1, id: 'one' }], OPTIONS);
    expect(done).toMatchObject({ status: 409, code: 'too_many_corners' });
    const [replaced] = await applier.apply(client, version, [{ key: 1, id: 'one' }], {
      ...OPTIONS,
      mode: 'replace',
    });
    expect(replaced).toMatchObject({ changed: true, revision: 2 });
  });
});

/** 30,000 corners in zones of 500. */
function withCorners(name: string): MappingContent {
  const polygon = Array.from({ length: 500 }, (): [number, number] => [0, 0]);
  const zones = Array.from(
    { length: 60 },
    (_, place) => ({ key: `${name}-${place}`, polygon }) as unknown as Zone,
  );
  return { ...EMPTY_CONTENT, zones };
}
