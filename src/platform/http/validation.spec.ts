import { IsOptional, IsString } from 'class-validator';
import type { Problem } from '../problem.js';
import { validation } from './validation.js';

class ThingDto {
  @IsOptional()
  @IsString()
  name?: string;

  @IsOptional()
  @IsString({ each: true })
  names?: string[];
}

const check = (value: unknown): Promise<ThingDto> =>
  validation().transform(value, { type: 'body', metatype: ThingDto });

const refusalOf = async (value: unknown): Promise<Problem> => {
  try {
    await check(value);
  } catch (error) {
    return error as Problem;
  }
  throw new Error('It was taken.');
};

describe('the validation of requests', () => {
  it('takes what the class describes', async () => {
    expect(await check({ name: 'x' })).toEqual({ name: 'x' });
    expect(await check(Object.assign(Object.create(null), { name: 'x' }))).toEqual({ name: 'x' });
  });

  it.each(['hasOwnProperty', 'toString', 'valueOf', 'constructor', '__proto__', '__defineGetter__'])(
    'refuses the member %s, which every object seems to have',
    async (member) => {
      const { status, errors } = await refusalOf(JSON.parse(`{"${member}": 1}`));
      expect(status).toBe(400);
      expect(errors).toEqual([
        { pointer: `/${member}`, code: 'unknown_member', detail: `'${member}' is unknown here.` },
      ]);
    },
  );

  it.each([
    [{ name: 'a\0b' }, '/name'],
    [{ names: ['a', 'b\0'] }, '/names/1'],
  ])('refuses text with a NUL, which the database can not hold: %j', async (value, pointer) => {
    const { errors } = await refusalOf(value);
    expect(errors).toMatchObject([{ pointer, code: 'control_character' }]);
  });

  it('writes pointers so that a member with a slash is found', async () => {
    const { errors } = await refusalOf({ 'a/b~c': 1 });
    expect(errors).toMatchObject([{ pointer: '/a~1b~0c', code: 'unknown_member' }]);
  });

  it('tells of a thousand problems the first twenty, and no more of a name than a hundred characters', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, place) => [`m${place}`, 1]));
    expect((await refusalOf(many)).errors).toHaveLength(20);
    const { errors } = await refusalOf({ ['x'.repeat(5_000)]: 1 });
    expect(errors[0]!.pointer).toHaveLength(101);
  });
});
