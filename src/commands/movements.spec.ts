import { CommandFailure } from './exit.js';
import { processedLine } from './movements.js';

describe('what is told after movement events were stored by a command', () => {
  it('is how many were stored, and how many wait', () => {
    expect(processedLine(1_200, 0)).toBe('1,200 movement events stored, 0 wait\n');
  });

  it('is a failure where Redis went away meanwhile, not that none wait', () => {
    expect(() => processedLine(500, null)).toThrow(CommandFailure);
    expect(() => processedLine(500, null)).toThrow('500 movement events were stored; how many still wait');
  });
});
