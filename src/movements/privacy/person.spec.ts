import { Person, replaceUserIds, withoutUserIds } from './person.js';

const HASH = 'ab'.repeat(32);
/** As if only one id had ever been hashed. */
const keep = (userId: string): string => (userId === 'USER-4711' ? HASH : `hash of ${userId}`);

describe('a person who is looked for', () => {
  it('is known by the id that cameras send, by its hash, and by the hash in capitals', () => {
    expect(new Person('USER-4711', keep).ids).toContain(HASH);
    expect(new Person(HASH, keep).ids).toContain(HASH);
    expect(new Person(HASH.toUpperCase(), keep).ids).toContain(HASH);
  });

  it.each([
    '{"user_id": "USER-4711", no',
    '{"user_id" :"USER-471\\u0031"}',
    '["USER-4711"]',
    'USER-4711;1;2',
    'of USER-4711.',
    HASH,
  ])('is named in %s', (text) => {
    expect(new Person('USER-4711', keep).isNamedIn(text)).toBe(true);
  });

  it.each(['{"user_id": "USER-4711", no', '["USER-4711"]', 'USER-4711;1;2', `x=${HASH}`])(
    'is named, by the hash alone, in %s',
    (text) => {
      expect(new Person(HASH, keep).isNamedIn(text)).toBe(true);
    },
  );

  it.each(['USER-47110', 'XUSER-4711', '{"user_id": "USER-4712"}', ''])('is not named in %s', (text) => {
    expect(new Person('USER-4711', keep).isNamedIn(text)).toBe(false);
  });

  it('is not meant by every number where the id is a short one', () => {
    const person = new Person('7', keep);
    expect(person.isNamedIn('{"track_id": 7, "state"')).toBe(false);
    expect(person.isNamedIn('{"user_id": 7, "state"')).toBe(true);
    expect(person.isNamedIn('{"user_id": "7", "state"')).toBe(true);
  });

  it('is hidden, whatever else is wrong with the text', () => {
    expect(replaceUserIds('{"user_id":4711, "user_id": "x"', (id) => `<${id}>`)).toBe(
      '{"user_id":"<4711>", "user_id": "<x>"',
    );
    expect(withoutUserIds('Ids have to be text: "user_id": "4711".')).toBe(
      'Ids have to be text: "user_id": "…".',
    );
  });
});
