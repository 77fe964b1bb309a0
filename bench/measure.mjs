import { compareReports } from './compare.mjs';
import { figure, ratios } from './figures.mjs';
import { splitFolder } from './folders.mjs';
import { loadByBareCopy, loadByProduct } from './load.mjs';
import { reportByPeer, reportByProduct } from './report.mjs';

const MIB = 2 ** 20;

/** The product beside its peers on one folder. What runs first changes from run to run, so that no one always does. */
export async function measurePeers({ server, dataFolder, runs, scratch, tell }) {
  const folders = splitFolder(dataFolder, scratch);
  const taken = [];
  for (let run = 0; run < runs; run++) {
    const one = {};
    await inTurn(run, [
      async () => (one.load = await loadByProduct(server, folders)),
      async () => (one.copy = await loadByBareCopy(server, folders)),
    ]);
    await inTurn(run, [
      async () => (one.report = await reportByProduct(server, scratch)),
      async () => (one.peer = await reportByPeer(dataFolder, scratch)),
    ]);
    one.comparison = compareReports(one.report.csv, one.peer.csv);
    taken.push(one);
    tell(
      `run ${run + 1} of ${runs}: load ${one.load.seconds.toFixed(2)} s, report ${one.report.seconds.toFixed(2)} s`,
    );
  }
  return taken;
}

/** The product alone on a folder, for its memory. */
export async function measureProduct({ server, dataFolder, runs, scratch, tell }) {
  const folders = splitFolder(dataFolder, scratch);
  const taken = [];
  for (let run = 0; run < runs; run++) {
    const load = await loadByProduct(server, folders);
    const report = await reportByProduct(server, scratch);
    taken.push({ load, report });
    tell(
      `large run ${run + 1} of ${runs}: load ${load.seconds.toFixed(2)} s, report ${report.seconds.toFixed(2)} s`,
    );
  }
  return taken;
}

async function inTurn(run, steps) {
  for (const step of run % 2 === 0 ? steps : steps.toReversed()) await step();
}

/** The figures of `measurePeers`. */
export function peerFigures(taken) {
  const seconds = (what) => taken.map((one) => one[what].seconds);
  const memory = (what) => taken.map((one) => one[what].peakBytes / MIB);
  return [
    figure('load', 's', seconds('load')),
    figure('bare COPY', 's', seconds('copy')),
    figure('load / bare COPY', 'ratio', ratios(seconds('load'), seconds('copy'))),
    figure('report', 's', seconds('report')),
    figure('DuckDB report', 's', seconds('peer')),
    figure('report / DuckDB report', 'ratio', ratios(seconds('report'), seconds('peer'))),
    figure(
      'differing cells',
      'cells',
      taken.map((one) => one.comparison.differingCells),
    ),
    figure('load, peak memory', 'MiB', memory('load')),
    figure('report, peak memory', 'MiB', memory('report')),
    figure('DuckDB, peak memory', 'MiB', memory('peer')),
  ];
}

/** The figures of `measureProduct`, beside the same of the smaller folder. */
export function growthFigures(large, base) {
  const memory = (taken, what) => taken.map((one) => one[what].peakBytes / MIB);
  const growth = (what) => ratios(memory(large, what), memory(base, what));
  return [
    figure(
      'large load',
      's',
      large.map((one) => one.load.seconds),
    ),
    figure(
      'large report',
      's',
      large.map((one) => one.report.seconds),
    ),
    figure('large load, peak memory', 'MiB', memory(large, 'load')),
    figure('large report, peak memory', 'MiB', memory(large, 'report')),
    figure('large / base load, peak memory', 'ratio', growth('load')),
    figure('large / base report, peak memory', 'ratio', growth('report')),
  ];
}
