import { Progress } from './progress.js';

/** A stream that keeps what is written to it. */
function streamOf(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  let text = '';
  const stream = { isTTY, columns: 80, write: (piece: string) => (text += piece) };
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => text };
}

describe('progress', () => {
  const step = { title: 'Computing', done: 6_120, total: 13_444, unit: 'stores' };

  it('is a bar with words and numbers on a terminal, drawn over itself', () => {
    const { stream, written } = streamOf(true);
    const progress = new Progress(stream);
    progress.show(step);
    progress.show({ ...step, done: 13_444 });
    expect(written()).toContain('Computing: 6,120 of 13,444 stores');
    expect(written()).toContain('█'.repeat(24));
    expect(written()).not.toContain('\n');
  });

  it('is a line now and then elsewhere: one for each thing that is done, not one for each step', () => {
    const { stream, written } = streamOf(false);
    const progress = new Progress(stream);
    for (let done = 0; done < 1_000; done++) progress.show({ ...step, done });
    progress.show({ ...step, title: 'Writing the report' });
    expect(written().trim().split('\n')).toEqual([
      'Computing: 0 of 13,444 stores',
      'Writing the report: 6,120 of 13,444 stores',
    ]);
    expect(written()).not.toContain('\u001b');
  });

  it('tells no number before there is one', () => {
    const { stream, written } = streamOf(false);
    new Progress(stream).show({ ...step, total: null });
    expect(written()).toBe('Computing …\n');
  });

  it('takes the bar away before a sentence, and draws no line wider than the terminal', () => {
    const { stream, written } = streamOf(true);
    const progress = new Progress(stream);
    progress.show({ ...step, title: 'x'.repeat(500) });
    progress.say('done');
    expect(written().endsWith('\r\u001b[Kdone\n')).toBe(true);
    expect(written().indexOf('x'.repeat(80))).toBe(-1);
  });
});
