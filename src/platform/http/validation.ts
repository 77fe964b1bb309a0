import { type ArgumentMetadata, type ValidationError, ValidationPipe } from '@nestjs/common';
import { Problem, type ProblemEntry } from '../problem.js';
import { inHouseStyle } from './house-style.js';

/** Problems that are told at once, and characters of a name that nobody here has given. */
const MOST_TOLD = 20;
const LONGEST_NAME = 100;

/** Turns bodies and queries into their DTOs; unknown members and every bad value are refused, all at once, with a sentence for each. */
export function validation(): ValidationPipe {
  return new DtoPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    // One sentence for a member: what is no number is not also too large and too small.
    stopAtFirstError: true,
    exceptionFactory: (errors) => refusal(errors.flatMap((error) => entriesOf(error, ''))),
  });
}

/** Looks too for what the checks of a class let pass. */
class DtoPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const isOurs = metadata.type === 'body' || metadata.type === 'query';
    const members = isOurs && typeof value === 'object' && value !== null ? Object.entries(value) : [];
    // The list of known members is kept in a plain object, so that `toString` and the like seem to be on it.
    const inherited = members.filter(([name]) => name in Object.prototype);
    if (inherited.length > 0) throw refusal(inherited.map(([name]) => unknownMember(name, '')));
    const checked: unknown = await super.transform(value, metadata);
    const entries = members.flatMap(([name, member]) => withNul(member, `/${escaped(name)}`));
    if (entries.length > 0) throw refusal(entries);
    return checked;
  }
}

/** The answer to a query where none is taken. */
export function unknownParameters(names: readonly string[], method: string): Problem {
  const hint =
    method === 'POST' || method === 'PUT' || method === 'PATCH'
      ? 'What is asked for stands in the body.'
      : 'No parameters are taken at this address.';
  return refusal(
    names.map((name) => {
      const entry = unknownMember(name, '');
      return { ...entry, detail: `${entry.detail} ${hint}` };
    }),
  );
}

/** Text with a NUL is a string like others to a check, but none that the database can hold. */
function withNul(value: unknown, pointer: string): ProblemEntry[] {
  if (Array.isArray(value)) return value.flatMap((item, place) => withNul(item, `${pointer}/${place}`));
  if (typeof value !== 'string' || !value.includes('\0')) return [];
  return [{ pointer, code: 'control_character', detail: 'Text must not hold a NUL character.' }];
}

function refusal(all: readonly ProblemEntry[]): Problem {
  const told = all.slice(0, MOST_TOLD);
  return new Problem(400, 'invalid', told.map(({ detail }) => detail).join(' '), told);
}

function entriesOf(error: ValidationError, parent: string): ProblemEntry[] {
  const pointer = `${parent}/${escaped(error.property)}`;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) =>
    constraint === 'whitelistValidation'
      ? unknownMember(error.property, parent)
      : {
          pointer,
          code: constraint,
          detail: sentence(inHouseStyle(error.property.slice(0, LONGEST_NAME), message)),
        },
  );
  return [...own, ...(error.children ?? []).flatMap((child) => entriesOf(child, pointer))];
}

function unknownMember(name: string, parent: string): ProblemEntry {
  const detail = `'${name.slice(0, LONGEST_NAME)}' is unknown here.`;
  return { pointer: `${parent}/${escaped(name)}`, code: 'unknown_member', detail };
}

/** As RFC 6901 wants a member's name in a pointer. */
function escaped(name: string): string {
  return name.slice(0, LONGEST_NAME).replaceAll('~', '~0').replaceAll('/', '~1');
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
