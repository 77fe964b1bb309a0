import path from 'node:path';
import { compareReports } from './compare.mjs';
import { figure, ratios } from './figures.mjs';
import { splitFolder } from './folders.mjs';
import { loadByBareCopy, loadByProduct, reloadByProduct } from './load.mjs';
import { reportByPeer, reportByProduct } from './report.mjs';
import { cutIntoPieces, uploadToServer } from './uploads.mjs';
import { CREWS, reportByWorkers } from './workers.mjs';

const MIB = 2 ** 20;

/**
 * The product beside its peers on one folder. What runs first changes from run to run, so that no one always does.
 *
 * @param only names of groups, see groups.mjs
 * @returns what each run took; a run has only what its groups measure
 */
export async function measurePeers({ server, dataFolder, runs, only, scratch, tell }) {
  const folders = splitFolder(dataFolder, scratch);
  const whole = path.join(folders.polls, 'store_status.csv');
  const pieces = only.has('uploads') ? await cutIntoPieces(whole, scratch) : [];
  const needsLoad = ['load', 'reload', 'report', 'workers'].some((group) => only.has(group));
  const taken = [];
  for (let run = 0; run < runs; run++) {
    const one = {};
    await inTurn(run, [
      needsLoad && (async () => (one.load = await loadByProduct(server, folders))),
      only.has('load') && (async () => (one.copy = await loadByBareCopy(server, folders))),
    ]);
    if (only.has('reload')) one.reload = await reloadByProduct(server, folders);
    if (only.has('report') || only.has('workers')) {
      await inTurn(run, [
        only.has('report') && (async () => (one.report = await reportByProduct(server, scratch))),
        async () => (one.peer = await reportByPeer(dataFolder, scratch)),
        ...(only.has('workers') ? CREWS : []).map(
          ({ workers, key }) =>
            async () =>
              (one[key] = await reportByWorkers(server, scratch, workers)),
        ),
      ]);
      one.comparison = compareAll(one.peer, [one.report, ...CREWS.map(({ key }) => one[key])]);
    }
    await inTurn(run, [
      only.has('uploads') && (async () => (one.upload = await uploadToServer(server, [whole], scratch))),
      only.has('uploads') && (async () => (one.uploads = await uploadToServer(server, pieces, scratch))),
    ]);
    taken.push(one);
    if (told(one) !== '') tell(`run ${run + 1} of ${runs}: ${told(one)}`);
  }
  return taken;
}

/** Every report of the product beside the peer's. */
function compareAll(peer, reports) {
  const compared = reports
    .filter((report) => report !== undefined)
    .map((report) => compareReports(report.csv, peer.csv));
  return {
    stores: compared[0].stores,
    differingCells: compared.reduce((sum, one) => sum + one.differingCells, 0),
    examples: compared.flatMap((one) => one.examples),
  };
}

/** The product alone on a folder, for its memory. */
export async function measureProduct({ server, dataFolder, runs, only, scratch, tell }) {
  const folders = splitFolder(dataFolder, scratch);
  const whole = path.join(folders.polls, 'store_status.csv');
  const taken = [];
  for (let run = 0; run < runs; run++) {
    const one = {};
    if (['load', 'reload', 'report'].some((group) => only.has(group)))
      one.load = await loadByProduct(server, folders);
    if (only.has('reload')) one.reload = await reloadByProduct(server, folders);
    if (only.has('report')) one.report = await reportByProduct(server, scratch);
    if (only.has('uploads')) one.upload = await uploadToServer(server, [whole], scratch);
    taken.push(one);
    tell(`large run ${run + 1} of ${runs}: ${told(one)}`);
  }
  return taken;
}

async function inTurn(run, steps) {
  const wanted = steps.filter(Boolean);
  for (const step of run % 2 === 0 ? wanted : wanted.toReversed()) await step();
}

function told(one) {
  return Object.entries(one)
    .filter(([, { seconds }]) => seconds !== undefined)
    .map(([what, { seconds }]) => `${what} ${seconds.toFixed(2)} s`)
    .join(', ');
}

/** The figures of `measurePeers`. */
export function peerFigures(taken) {
  const of = figuresOf(taken);
  return [
    of.seconds('load', 'load'),
    of.seconds('bare COPY', 'copy'),
    of.ratio('load / bare COPY', 'load', 'copy'),
    of.seconds('load again', 'reload'),
    of.ratio('load again / load', 'reload', 'load'),
    of.seconds('report', 'report'),
    of.seconds('DuckDB report', 'peer'),
    of.ratio('report / DuckDB report', 'report', 'peer'),
    ...CREWS.map(({ name, key }) => of.seconds(`report by ${name}`, key)),
    ...CREWS.map(({ name, key }) => of.ratio(`report by ${name} / DuckDB report`, key, 'peer')),
    of.each('differing cells', 'cells', 'comparison', (one) => one.differingCells),
    of.seconds('upload', 'upload'),
    of.seconds('ten uploads at once', 'uploads'),
    of.ratio('ten uploads at once / upload', 'uploads', 'upload'),
    of.memory('load, peak memory', 'load'),
    of.memory('load again, peak memory', 'reload'),
    of.memory('report, peak memory', 'report'),
    of.memory('DuckDB, peak memory', 'peer'),
    ...CREWS.map(({ name, key, workers }) =>
      of.memory(`report by ${name}, peak memory${workers > 1 ? ' of one' : ''}`, key),
    ),
    of.memory('upload, peak memory of the server', 'upload'),
    of.memory('ten uploads at once, peak memory of the server', 'uploads'),
  ].filter((one) => one !== null);
}

/** The figures of `measureProduct`, beside the same of the smaller folder. */
export function growthFigures(large, base) {
  const of = figuresOf(large);
  const growth = (name, what) =>
    large[0][what] && base[0][what]
      ? figure(name, 'ratio', ratios(bytesOf(large, what), bytesOf(base, what)))
      : null;
  return [
    of.seconds('large load', 'load'),
    of.seconds('large load again', 'reload'),
    of.seconds('large report', 'report'),
    of.seconds('large upload', 'upload'),
    of.memory('large load, peak memory', 'load'),
    of.memory('large load again, peak memory', 'reload'),
    of.memory('large report, peak memory', 'report'),
    of.memory('large upload, peak memory of the server', 'upload'),
    growth('large / base load, peak memory', 'load'),
    growth('large / base report, peak memory', 'report'),
  ].filter((one) => one !== null);
}

const bytesOf = (taken, what) => taken.map((one) => one[what].peakBytes);

/** Makes figures of what the runs measured, and null of what they did not. */
function figuresOf(taken) {
  const has = (what) => taken[0][what] !== undefined;
  const each = (name, unit, what, value) =>
    has(what)
      ? figure(
          name,
          unit,
          taken.map((one) => value(one[what])),
        )
      : null;
  return {
    each,
    seconds: (name, what) => each(name, 's', what, (one) => one.seconds),
    memory: (name, what) => each(name, 'MiB', what, (one) => one.peakBytes / MIB),
    ratio: (name, what, beside) =>
      has(what) && has(beside)
        ? figure(
            name,
            'ratio',
            ratios(
              taken.map((one) => one[what].seconds),
              taken.map((one) => one[beside].seconds),
            ),
          )
        : null,
  };
}
