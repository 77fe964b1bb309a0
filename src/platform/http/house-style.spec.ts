import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import type { Problem } from '../problem.js';
import { validation } from './validation.js';

type Check = (options?: ValidationOptions) => PropertyDecorator;

const refusalOf = async (check: PropertyDecorator, value: unknown): Promise<string> => {
  class Dto {
    thing: unknown;
  }
  check(Dto.prototype, 'thing');
  try {
    await validation().transform({ thing: value }, { type: 'body', metatype: Dto });
  } catch (error) {
    return (error as Problem).detail;
  }
  throw new Error('It was taken.');
};

describe('what a check says without a sentence of its own', () => {
  it.each<[string, Check, unknown, string]>([
    ['IsBoolean', (o) => IsBoolean(o), 'x', 'has to be true or false.'],
    ['IsString', (o) => IsString(o), 1, 'has to be text.'],
    ['IsArray', (o) => IsArray(o), 1, 'has to be a list.'],
    ['IsObject', (o) => IsObject(o), 1, 'has to be an object.'],
    ['IsInt', (o) => IsInt(o), 1.5, 'has to be a whole number.'],
    ['IsNumber', (o) => IsNumber({}, o), 'x', 'has to be a number.'],
    ['IsPositive', (o) => IsPositive(o), -1, 'has to be a number above 0.'],
    ['IsUUID', (o) => IsUUID(undefined, o), 'x', 'has to be a UUID.'],
    ['Matches', (o) => Matches(/^a$/, o), 'x', 'has not the form that is wanted here.'],
    ['Min', (o) => Min(2, o), 1, 'has to be 2 or more.'],
    ['Max', (o) => Max(2, o), 3, 'has to be 2 or less.'],
    ['IsIn', (o) => IsIn(['a', 'b'], o), 'x', 'has to be one of a, b.'],
    ['MinLength', (o) => MinLength(2, o), 'x', 'has to have at least 2 characters.'],
    ['MaxLength', (o) => MaxLength(2, o), 'xxx', 'has to have at most 2 characters.'],
    ['Length, too short', (o) => Length(2, 3, o), 'x', 'has to have at least 2 characters.'],
    ['Length, too long', (o) => Length(2, 3, o), 'xxxx', 'has to have at most 3 characters.'],
    ['Length, no text', (o) => Length(2, 3, o), 7, 'has to have 2 to 3 characters.'],
    ['ArrayMinSize', (o) => ArrayMinSize(1, o), [], 'has to hold at least 1.'],
    ['ArrayMaxSize', (o) => ArrayMaxSize(1, o), [1, 2], 'has to hold at most 1.'],
    ['ArrayUnique', (o) => ArrayUnique(o), [1, 1], 'has to name each only once.'],
    ['IsNotEmpty', (o) => IsNotEmpty(o), '', 'has to be given, and not empty.'],
    ['IsDefined', (o) => IsDefined(o), null, 'has to be given.'],
    ['ValidateNested', (o) => ValidateNested(o), 1, 'has to be an object, or a list of them.'],
  ])('is put in our words: %s', async (_, check, value, words) => {
    expect(await refusalOf(check(), value)).toBe(`thing ${words}`);
  });

  it('names the members of a list as such', async () => {
    expect(await refusalOf(IsString({ each: true }), ['a', 1])).toBe('each of thing has to be text.');
  });

  it('is left alone where there is one', async () => {
    const message = 'thing has to be a shade of blue';
    expect(await refusalOf(IsIn(['azure'], { message }), 'red')).toBe(`${message}.`);
  });
});
