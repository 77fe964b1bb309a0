import type { ImportView, ImportsService } from '../ingestion/index.js';
import { waitFor } from '../platform/wait.js';
import type { ReportView, ReportsService } from '../reports/index.js';
import type { Step } from './progress.js';

/** Work that a command waits for may take as long as it takes. */
const FOREVER_MS = 2 ** 31 - 1;

const isOver = (status: string): boolean => status !== 'pending' && status !== 'running';

/** Waits until an import has ended, and tells how far it is meanwhile. */
export async function followImport(
  imports: ImportsService,
  id: string,
  show: (step: Step) => void,
): Promise<ImportView> {
  const ended = await waitFor(async () => {
    const view = await imports.find(id);
    const file = view.files.find((one) => one.status === 'running');
    if (file !== undefined)
      show({ title: `Loading ${file.name}`, done: file.bytes_read, total: file.bytes, unit: 'bytes' });
    return isOver(view.status) ? view : null;
  }, FOREVER_MS);
  return ended!;
}

/** Waits until a report has ended, and tells how far it is meanwhile. */
export async function followReport(
  reports: ReportsService,
  id: string,
  show: (step: Step) => void,
): Promise<ReportView> {
  const ended = await waitFor(async () => {
    const view = await reports.find(id);
    const { phase, done, total } = view.progress;
    if (view.status === 'running') {
      show({
        title: phase === 'publishing' ? 'Writing the report' : 'Computing',
        done,
        total,
        unit: 'stores',
      });
    }
    return isOver(view.status) ? view : null;
  }, FOREVER_MS);
  return ended!;
}

/** One line on what a load did, file by file. */
export function summaryOf(view: ImportView): string[] {
  return view.files.map((file) => {
    if (file.error !== null) return `${file.name}: ${file.error}`;
    const kept = `${file.name}: ${count(file.read)} rows read, ${count(file.inserted)} new, ${count(file.replaced)} replaced, ${count(file.unchanged)} unchanged`;
    const others = `${file.superseded > 0 ? `, ${count(file.superseded)} superseded by later rows` : ''}${file.rejected > 0 ? `, ${count(file.rejected)} rejected` : ''}`;
    return `${kept}${others}`;
  });
}

const REJECTS_SHOWN = 10;

/** The first rows that were set aside, a line each, and how many more there are. */
export async function firstRejects(imports: ImportsService, view: ImportView): Promise<string[]> {
  const all = view.files.reduce((sum, file) => sum + file.rejected, 0);
  if (all === 0) return [];
  const { data } = await imports.rejects(view.id, REJECTS_SHOWN, undefined);
  const lines = data.map(
    ({ file, line, column, detail }) =>
      `  ${file}, line ${count(line)}${column === null ? '' : `, ${column}`}: ${detail}`,
  );
  return all > lines.length ? [...lines, `  and ${count(all - lines.length)} more`] : lines;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
