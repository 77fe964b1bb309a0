import pg from 'pg';
import { startEmbeddedDatabase } from '../dist/platform/database/embedded/index.js';
import { migrate } from '../dist/platform/database/migrations.js';

/** Starts the product's embedded PostgreSQL on a folder of its own. `stop()` ends it. */
export async function startServer(directory) {
  const database = await startEmbeddedDatabase({ directory });
  return {
    url: database.url,
    stop: () => database.stop(),
    /** Leaves nothing but the product's empty tables. */
    async empty() {
      await withClient(database.url, async (client) => {
        await client.query('DROP SCHEMA public CASCADE');
        await client.query('CREATE SCHEMA public');
      });
      await migrate(database.url);
    },
  };
}

/** Lends a connection. */
export async function withClient(url, use) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
