import { COLUMNS, type FileKind } from '../file-kind.js';

/** What a reject says about its row. */
export interface RejectReason {
  line: number;
  code: string;
  column: string | null;
  detail: string;
  suggestion: string | null;
}

const REASON_NAMES = ['line', 'reject_code', 'reject_column', 'reject_detail', 'suggestion'];

/** Writes rejects as a file of the form that theirs had, so that it can be mended and sent again. */
export class RejectCsv {
  private readonly header: string;
  private readonly delimiter: string;

  /**
   * @param header the file's own, as it stood; null where it is not known: then the names of the kind.
   * @param withReasons columns of the reasons stand in front. The loader passes over columns that it doesn't know.
   */
  constructor(
    kind: FileKind,
    header: string | null,
    delimiter: string | null,
    private readonly withReasons: boolean,
  ) {
    this.delimiter = delimiter || ',';
    this.header = header ?? COLUMNS[kind].map(([name]) => name).join(this.delimiter);
  }

  headerLine(): string {
    return `${this.prefix(REASON_NAMES)}${this.header}\n`;
  }

  /** @param raw the row as it stood: it is not quoted anew, nor made harmless for spreadsheets, or it would not be the same row. */
  rowLine(raw: string, { line, code, column, detail, suggestion }: RejectReason): string {
    return `${this.prefix([String(line), code, column ?? '', detail, suggestion ?? ''])}${raw}\n`;
  }

  private prefix(cells: readonly string[]): string {
    return this.withReasons ? cells.map((cell) => this.quoted(cell) + this.delimiter).join('') : '';
  }

  private quoted(cell: string): string {
    if (!/["\r\n]/.test(cell) && !cell.includes(this.delimiter)) return cell;
    return `"${cell.replaceAll('"', '""')}"`;
  }
}
