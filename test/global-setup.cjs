const { spawn } = require('node:child_process');
const path = require('node:path');
const { createInterface } = require('node:readline');

// One PostgreSQL and, where it is installed, one Redis for the whole run. Every test file makes a database of its own.
module.exports = async () => {
  const servers = spawn(process.execPath, [path.join(__dirname, 'support', 'test-servers.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise((resolve) => {
    servers.once('exit', resolve);
  });
  const line = await Promise.race([
    new Promise((resolve) => {
      createInterface({ input: servers.stdout }).once('line', resolve);
    }),
    ended.then((code) => {
      throw new Error(
        `The servers for the tests did not start (exit code ${code}); the reason stands above.`,
      );
    }),
  ]);
  const { databaseUrl, redisUrl } = JSON.parse(line);
  process.env.STOREWATCH_TEST_DATABASE_URL = databaseUrl;
  if (redisUrl === undefined) delete process.env.STOREWATCH_TEST_REDIS_URL;
  else process.env.STOREWATCH_TEST_REDIS_URL = redisUrl;
  globalThis.stopTestServers = () => {
    servers.stdin.end();
    return ended;
  };
};
