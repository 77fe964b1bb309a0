import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Problem, type ProblemEntry } from '../problem.js';

/** Turns bodies and queries into their DTOs; unknown members and every bad value are refused, all at once, with a sentence for each. */
export function validation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    // One sentence for a member: what is no number is not also too large and too small.
    stopAtFirstError: true,
    exceptionFactory: (errors) => {
      const entries = errors.flatMap((error) => entriesOf(error, ''));
      return new Problem(400, 'invalid', entries.map((entry) => entry.detail).join(' '), entries);
    },
  });
}

function entriesOf(error: ValidationError, parent: string): ProblemEntry[] {
  const pointer = `${parent}/${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
    pointer,
    code: constraint === 'whitelistValidation' ? 'unknown_member' : constraint,
    detail:
      constraint === 'whitelistValidation'
        ? `'${error.property.slice(0, 100)}' is unknown here.`
        : sentence(message),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => entriesOf(child, pointer))];
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
