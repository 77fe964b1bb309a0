import { digestOf, makePolls } from './support/poll-files.js';
import { Site } from './support/site.js';

const FILE = makePolls({ stores: 250, pollsAStore: 1_000, from: '2023-01-02T00:00:00Z', inactiveEvery: 7 });

describe('a server that is asked to end in the middle of a load', () => {
  let site: Site;

  beforeEach(async () => {
    site = await Site.create();
    await site.startServer();
  }, 60_000);

  afterEach(() => site.close());

  it('hands it back at once, uncounted, and exits with 0', async () => {
    const load = await site.requestLoad(FILE);
    await site.reached(load, 'reading');
    const begun = performance.now();
    expect(await site.server.kill('SIGTERM')).toBe(0);
    expect(performance.now() - begun).toBeLessThan(10_000);
    const { status, attempts } = await site.importState(load);
    if (status !== 'completed') expect({ status, attempts }).toEqual({ status: 'pending', attempts: 0 });
    await site.startServer();
    await site.ended(load, 'completed');
    expect(await site.storedPolls()).toEqual(digestOf(FILE));
  }, 120_000);
});
