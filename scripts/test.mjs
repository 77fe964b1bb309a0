// `npm test`: installs and builds when needed, then runs Jest with the words it is given.
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { prepareOrExit, root } from './prepare.mjs';

await prepareOrExit((line) => process.stderr.write(`${line}\n`));

/** Redis is the one thing the tests need that npm cannot bring. */
function hasRedis() {
  if (process.env.TEST_REDIS_URL) return true;
  return (process.env.PATH ?? '').split(path.delimiter).some((directory) => {
    try {
      accessSync(path.join(directory, 'redis-server'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const words = ['--rootDir', root, ...process.argv.slice(2)];
if (!hasRedis()) {
  process.stderr.write(
    'There is no redis-server here, so the tests that need one (*.redis.spec.ts) are left out of this run. ' +
      'Install redis-server, or name one in TEST_REDIS_URL, to run them too.\n',
  );
  words.unshift('--testPathIgnorePatterns=/node_modules/', '--testPathIgnorePatterns=\\.redis\\.spec\\.ts$');
}
process.chdir(root);
process.env.NODE_ENV ??= 'test';
const { run } = await import('jest');
await run(words);
