const BAR_WIDTH = 24;
const LINE_EVERY_MS = 2_000;

/** How far some work is. */
export interface Step {
  /** What is being done, such as `Loading store_status.csv`. */
  title: string;
  done: number;
  /** Null while it is not known. */
  total: number | null;
  unit: string;
}

/** Shows progress on a stream: a bar that is drawn over itself on a terminal, a line now and then elsewhere. */
export class Progress {
  private lastLine = '';
  private lastAt = -Infinity;
  private title = '';

  constructor(private readonly stream: NodeJS.WriteStream) {}

  show(step: Step): void {
    if (this.stream.isTTY) this.draw(step);
    else this.write(step);
  }

  /** Ends the bar and writes a sentence. */
  say(sentence: string): void {
    this.clear();
    this.stream.write(`${sentence}\n`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.stream.isTTY && this.lastLine !== '') this.stream.write('\r\u001b[K');
    this.lastLine = '';
  }

  private draw(step: Step): void {
    const share = step.total ? Math.min(1, step.done / step.total) : 0;
    const filled = Math.round(share * BAR_WIDTH);
    const line = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${sentenceOf(step)}`;
    if (line === this.lastLine) return;
    this.lastLine = line;
    this.stream.write(`\r\u001b[K${line.slice(0, (this.stream.columns || 80) - 1)}`);
  }

  private write(step: Step): void {
    const now = performance.now();
    if (step.title === this.title && now - this.lastAt < LINE_EVERY_MS) return;
    this.title = step.title;
    this.lastAt = now;
    this.stream.write(`${sentenceOf(step)}\n`);
  }
}

function sentenceOf({ title, done, total, unit }: Step): string {
  if (total === null) return `${title} …`;
  return `${title}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}`;
}
