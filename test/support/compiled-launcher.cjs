// The launcher of the embedded database as ES modules that plain Node can load: Jest's set-up runs outside Jest's
// transform, and the launcher's own tests need processes to kill. Compiled afresh from src, so that no test depends on
// a dist that may be old.
const { createHash } = require('node:crypto');
const {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const root = path.join(__dirname, '..', '..');
const source = path.join(root, 'src', 'platform', 'database', 'embedded');
// Under node_modules, so that the compiled files find the packages they import.
const cache = path.join(root, 'node_modules', '.cache', 'storewatch-launcher');

/** Compiles the launcher and gives the path of its index.js. */
exports.compileLauncher = () => {
  const files = readdirSync(source)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => [name, readFileSync(path.join(source, name), 'utf8')]);
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  const directory = path.join(cache, digest);
  const entry = path.join(directory, 'index.js');
  mkdirSync(cache, { recursive: true });
  if (readdirSync(cache).includes(digest)) return entry;
  const draft = mkdtempSync(path.join(cache, 'draft-'));
  writeFileSync(path.join(draft, 'package.json'), '{ "type": "module" }\n');
  for (const [name, text] of files) {
    const { code } = transformSync(text, {
      filename: name,
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    writeFileSync(path.join(draft, name.replace(/\.ts$/, '.js')), code);
  }
  try {
    renameSync(draft, directory);
  } catch (error) {
    // Another process compiled the same text in the meantime.
    rmSync(draft, { recursive: true, force: true });
    if (!readdirSync(cache).includes(digest)) throw error;
  }
  return entry;
};
