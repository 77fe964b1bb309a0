import { ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';
import { parseInstantUs } from '../instant.js';

/** For DTOs: text that `parseInstantUs` reads. */
@ValidatorConstraint({ name: 'instant' })
export class IsInstant implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && parseInstantUs(value) !== null;
  }

  defaultMessage(): string {
    return '$property has to be an instant with its zone, from 1970 to 2111, such as 2023-01-25T18:13:22.479220Z';
  }
}
