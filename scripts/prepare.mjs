// Installs and builds when that is needed, and only then. Plain Node without packages: nothing is installed yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';

/** The checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const OLDEST_NODE = [20, 19];
const installedMark = path.join(root, 'node_modules', '.storewatch-installed');
const builtMark = path.join(root, 'dist', '.storewatch-built');

/**
 * Brings node_modules and dist up to date with package-lock.json and src.
 * @param {{ log: (line: string) => void }} options takes a line for people before each long step
 * @throws an error whose message is for people
 */
export async function prepare({ log }) {
  checkNode();
  // Looked at without the lock first: a checkout that is ready may be read-only.
  if (isInstalled() && isBuilt()) return;
  const state = path.join(root, '.storewatch');
  mkdirSync(state, { recursive: true });
  // The database lies below it, and its system user must be able to enter, whatever root's umask is.
  if (process.getuid?.() === 0) chmodSync(state, 0o755);
  await withLock(path.join(state, 'prepare-lock'), {
    waiting: (pid) => log(`Another process (${pid}) is installing or building; waiting for it…`),
    work: async () => {
      if (!isInstalled()) await install(log);
      if (!isBuilt()) await build(log);
    },
  });
}

/** The same for a script: a failure is printed, and ends the process. */
export async function prepareOrExit(log) {
  try {
    await prepare({ log });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Error(
    `Storewatch needs Node ${OLDEST_NODE.join('.')} or newer, and this is ${process.versions.node}: see https://nodejs.org.`,
  );
}

/** What an installation depends on. */
function installWanted() {
  const lock = digest([['package-lock.json', readFileSync(path.join(root, 'package-lock.json'))]]);
  return { lock, node: `${process.versions.modules} ${process.platform} ${process.arch}` };
}

function isInstalled() {
  const wanted = installWanted();
  const [lock, node] = (readMark(installedMark) ?? '').split('\n');
  if (lock === wanted.lock && node === wanted.node) return true;
  // Installed by hand, and right: no reason to do it again. But npm's record knows nothing of another Node.
  if ((node !== undefined && node !== wanted.node) || !matchesHiddenLock()) return false;
  tryWriteMark(wanted);
  return true;
}

/** Where nothing may be written, it is found out each time. */
function tryWriteMark(wanted) {
  try {
    writeFileSync(installedMark, `${wanted.lock}\n${wanted.node}`);
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
  }
}

/** Whether npm's own record of node_modules has every package that package-lock.json asks for. */
function matchesHiddenLock() {
  const hiddenFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hiddenFile)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(hiddenFile, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, { version, optional, devOptional }]) =>
      name === '' ||
      present[name]?.version === version ||
      (present[name] === undefined && (optional || devOptional)),
  );
}

async function install(log) {
  log('Installing packages (once, about a minute)…');
  rmSync(installedMark, { force: true });
  // Building needs the development packages too, whatever NODE_ENV says.
  const words = ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress', '--engine-strict=false'];
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  await run([...npm, ...words], (output) =>
    [
      output,
      'Installing the packages failed; npm says why above. "npm ci" in this folder tries it again by itself:',
      root,
    ].join('\n'),
  );
  tryWriteMark(installWanted());
}

function isBuilt() {
  return readMark(builtMark) === buildDigest();
}

/** What dist depends on. */
function buildDigest() {
  const files = readdirSync(root)
    .filter((name) => /^tsconfig.*\.json$/.test(name) || name === 'nest-cli.json' || name === '.swcrc')
    .concat('package-lock.json');
  const sources = readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    // Written by the build itself.
    .filter((file) => file !== path.join('src', 'metadata.ts'));
  return digest([...files, ...sources].sort().map((file) => [file, readFileSync(path.join(root, file))]));
}

async function build(log) {
  log('Building…');
  // The mark goes first and comes last, so that a build which was cut off does not count.
  rmSync(builtMark, { force: true });
  // What an earlier build wrote from the sources of then may name classes that are gone, and would not compile.
  rmSync(path.join(root, 'src', 'metadata.ts'), { force: true });
  const before = buildDigest();
  const nest = path.join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  await run(
    [process.execPath, nest, 'build'],
    (output) => `${output}\nBuilding failed; the reason stands above.`,
  );
  writeFileSync(builtMark, before);
}

function readMark(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function digest(parts) {
  const hash = createHash('sha256');
  for (const [name, content] of parts) hash.update(`${name}\0${content.length}\0`).update(content);
  return hash.digest('hex');
}

/** Runs a program in the checkout, quietly; `explain` makes a message of what it printed when it fails. */
function run([program, ...words], explain) {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(program, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => reject(new Error(explain(error.message))));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(explain(output.trim())))));
  });
}
