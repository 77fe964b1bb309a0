import type pg from 'pg';
import { DataSource } from 'typeorm';
import { withConnection } from '../src/platform/database/connection.js';
import { startTestApi, type TestApi } from './support/application.js';

describe('connections to the database', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(async () => {
    await api.close();
  });

  it('outlive a server that ends one again after its use has failed', async () => {
    const lent: pg.PoolClient[] = [];
    const use = withConnection(api.app.get(DataSource), async (client) => {
      lent.push(client);
      await client.query('SELECT no_such_column');
    });

    await expect(use).rejects.toThrow('no_such_column');

    // What a late word of the server comes to; without a listener it is thrown, and ends the process.
    expect(() => lent[0]!.emit('error', new Error('terminating connection'))).not.toThrow();
    expect(() => lent[0]!.emit('error', new Error('Connection terminated unexpectedly'))).not.toThrow();
  });
});
