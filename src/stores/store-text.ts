import { ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';
import { DATE_RULE, parseDate } from '../platform/wall-time.js';

/** As files know ids: opaque, and white space around them is no part of them. */
@ValidatorConstraint({ name: 'store_id' })
export class IsStoreId implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return (
      typeof value === 'string' &&
      value === value.trim() &&
      value.length <= 128 &&
      [...value].length <= 64 &&
      value !== '' &&
      !/[\p{Cc}\p{Cs}\ufffd]/u.test(value)
    );
  }

  defaultMessage(found?: { value: unknown }): string {
    return typeof found?.value === 'number'
      ? '$property has to be text in quotes: a JSON number loses the last digits of ids as long as "8419537941919820732", and the zeros of "0012"'
      : '$property has to be text of 1 to 64 characters, without control characters and without white space around it';
  }
}

/** What people call a store. */
@ValidatorConstraint({ name: 'store_name' })
export class IsStoreName implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return (
      typeof value === 'string' &&
      value.trim() !== '' &&
      value.length <= 400 &&
      [...value.trim()].length <= 200 &&
      !/[\p{Cc}\p{Cs}\ufffd]/u.test(value)
    );
  }

  defaultMessage(): string {
    return '$property has to be text of 1 to 200 characters, without control characters';
  }
}

@ValidatorConstraint({ name: 'date' })
export class IsDate implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && parseDate(value) !== null;
  }

  defaultMessage(): string {
    return `$property has to be ${DATE_RULE}`;
  }
}

/** From when on an edit holds. */
@ValidatorConstraint({ name: 'effective_from' })
export class IsEffectiveFrom implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && (value === 'always' || parseDate(value) !== null);
  }

  defaultMessage(): string {
    return `$property has to be "always" or ${DATE_RULE}`;
  }
}

/** Names as they are compared: without regard to case, and to how an accented letter is put together. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
