import { KNOWN_STORES } from './support/movement-client.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';

const ROUNDS = { short: 10, long: 200 };
const ROUND_LIMIT_MS = 10_000;
const STORE = 'store-0';
const ZONES = 40;
const SIDES = ['left', 'right'] as const;

interface Revision {
  revision: number;
  content: { zones: { name: string }[]; lines: { name: string }[] };
}

describe('two servers that apply two blueprints to one store at once', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.create();
    await site.startServer();
    await site.startServer();
    await site.ended(await site.requestLoad(KNOWN_STORES), 'completed');
  }, 60_000);

  afterAll(() => site.close());

  it(
    'have one of them win where both name the revision that they saw, else both one after the other, and never mix them',
    () =>
      tellingSeed(async () => {
        await runRounds(roundsOf(ROUNDS), 1, async (draws, round) => {
          const before = await revisions();
          const tag = round % 2 === 0 ? null : await tagOf();
          const blueprints = [await blueprint(`left ${round}`), await blueprint(`right ${round}`)];
          const statuses = await applyBoth(blueprints, tag, draws);
          expect(statuses.toSorted()).toEqual(tag === null ? [200, 200] : [200, 412]);
          const after = await revisions();
          expect(after.length - before.length).toBe(tag === null ? 2 : 1);
          expect(after.map(({ revision }) => revision)).toEqual(after.map((_, place) => place + 1));
          for (const { content } of after.slice(before.length)) {
            const names = [...content.zones, ...content.lines].map(({ name }) => name);
            expect(names).toHaveLength(ZONES + 1);
            expect(SIDES.map((side) => `${side} ${round}`)).toContain(names[0]);
            expect(new Set(names).size).toBe(1);
          }
        });
      }),
    30_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );

  function revisions(): Promise<Revision[]> {
    return site.query<Revision & Record<string, unknown>>(
      `SELECT r.revision, r.content FROM store_mapping_revisions AS r JOIN stores AS s USING (store_key)
        WHERE s.store_id = $1 ORDER BY r.revision`,
      [STORE],
    );
  }

  async function tagOf(): Promise<string> {
    const answer = await fetch(`${site.server.origin}/api/v1/stores/${STORE}/mapping`);
    expect(answer.status).toBe(200);
    return answer.headers.get('etag')!;
  }

  /** One of so many parts that it takes a while to write them, all of which bear its name. @returns its id. */
  async function blueprint(name: string): Promise<string> {
    const zones = Array.from({ length: ZONES }, (_, place) => ({
      key: `zone-${place}`,
      name,
      kind: 'aisle',
      polygon: [
        [0, 0],
        [1, 0],
        [0.5, 1],
      ],
    }));
    const lines = [{ key: 'door', name, from: [0, 0.5], to: [1, 0.5] }];
    const answer = await send(site.server.origin, '/api/v1/blueprints', { name, zones, lines });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: string }).id;
  }

  /** Each by a server of its own. @returns how both were answered. */
  function applyBoth(blueprints: readonly string[], tag: string | null, draws: Draws): Promise<number[]> {
    const mode = draws.oneOf(['merge', 'replace']);
    return Promise.all(
      blueprints.map(async (id, place) => {
        const headers: Record<string, string> = tag === null ? {} : { 'if-match': tag };
        const { origin } = site.servers[place]!;
        const answer = await send(origin, `/api/v1/blueprints/${id}/apply`, { store: STORE, mode }, headers);
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
  }
});

function send(
  origin: string,
  route: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${origin}${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
