import type { DataSource } from 'typeorm';
import type { TestApi } from './application.js';
import { urlOf } from './stores.js';

export const BLUEPRINTS = '/api/v1/blueprints';

/** A square on the plan, as a zone is sent. */
export function zone(key: string, more: object = {}): { key: string; polygon: number[][] } {
  return {
    key,
    polygon: [
      [0.1, 0.1],
      [0.4, 0.1],
      [0.4, 0.4],
      [0.1, 0.4],
    ],
    ...more,
  };
}

/** Four pixels of a camera and where they lie on the plan. */
export const CALIBRATION = {
  image: [
    [400, 300],
    [1500, 320],
    [1900, 1000],
    [60, 1040],
  ],
  plan: [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.9, 0.8],
    [0.1, 0.8],
  ],
};

/** Answers of the calls that most tests make. Each expects to go well. */
export function layoutsOf(api: TestApi) {
  let names = 0;
  return {
    async blueprint(body: object = {}): Promise<{ id: string; version: number }> {
      names += 1;
      const { body: made } = await api.http
        .post(BLUEPRINTS)
        .send({ name: `Layout ${names}`, ...body })
        .expect(201);
      return made;
    },
    async change(id: string, body: object) {
      return (await api.http.put(`${BLUEPRINTS}/${id}`).send(body).expect(200)).body;
    },
    async apply(id: string, body: object = {}) {
      return (await api.http.post(`${BLUEPRINTS}/${id}/apply`).send(body).expect(200)).body;
    },
    async edit(store: string, body: object) {
      return (await api.http.put(urlOf(store, '/mapping')).send(body).expect(200)).body;
    },
    async mapping(store: string) {
      const { body, headers } = await api.http.get(urlOf(store, '/mapping')).expect(200);
      return { ...body, etag: headers['etag'] as string };
    },
    async store(id: string, more: object = {}): Promise<void> {
      await api.http
        .post('/api/v1/stores')
        .send({ store_id: id, ...more })
        .expect(201);
    },
  };
}

/** Row by row: to empty whole tables is to wait for everybody who reads them, who may wait for each other. */
export async function emptyLayouts(database: DataSource): Promise<void> {
  for (const table of [
    'blueprint_rollouts',
    'blueprint_versions',
    'blueprints',
    'store_mapping_revisions',
    'stores',
  ])
    await database.query(`DELETE FROM ${table}`);
}
