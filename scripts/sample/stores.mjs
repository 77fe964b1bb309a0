// The forty invented stores: what is special about each, and the ids that the seed gives them.
import { WEEKS } from './hours.mjs';

const NEW_YORK = 'America/New_York';
const CHICAGO = 'America/Chicago';
const DENVER = 'America/Denver';
const PHOENIX = 'America/Phoenix';
const LOS_ANGELES = 'America/Los_Angeles';
const ANCHORAGE = 'America/Anchorage';
const HONOLULU = 'Pacific/Honolulu';
const PUERTO_RICO = 'America/Puerto_Rico';
const KOLKATA = 'Asia/Kolkata';
const UNKNOWN = null;

// Each: form of the id, zone, week, then what differs from an ordinary store:
//   spells       how many times it is down for some hours (ordinary: 0 to 2)
//   downFrom     down from this instant on
//   neverUp      every poll says inactive
//   everyHours   hours between polls (ordinary: 1)
//   from, until  polled only in this stretch
//   unpolled     known from the other two files alone
const TABLE = [
  ['number', NEW_YORK, 'daytime'],
  ['number', NEW_YORK, 'lunchAndDinner'],
  ['uuid', NEW_YORK, 'nightOnly', { spells: 2 }],
  ['number', NEW_YORK, 'nightInTwoRows', { spells: 3 }],
  ['number', NEW_YORK, 'office'],
  ['number', NEW_YORK, 'bakery', { spells: 2 }],
  ['uuid', NEW_YORK, 'none', { spells: 3 }],
  ['number', NEW_YORK, 'threeServices'],
  ['number', NEW_YORK, 'closedSunday', { downFrom: '2023-03-11T16:20:00Z' }],
  ['number', CHICAGO, 'daytime', { spells: 2 }],
  ['number', CHICAGO, 'lunchAndDinner', { spells: 1 }],
  ['uuid', CHICAGO, 'eveningToNight'],
  ['number', CHICAGO, 'nightInTwoRowsSeconds', { spells: 2 }],
  ['number', CHICAGO, 'closedMonday'],
  ['number', CHICAGO, 'aroundTheClock', { spells: 2 }],
  ['number', CHICAGO, 'early', { neverUp: true }],
  ['number', CHICAGO, 'touching'],
  ['code', CHICAGO, 'bakery'],
  ['number', DENVER, 'daytime', { spells: 4 }],
  ['uuid', DENVER, 'lunchAndDinner'],
  ['number', DENVER, 'none', { spells: 1 }],
  ['number', DENVER, 'office', { from: '2023-03-13T15:00:00Z' }],
  ['number', PHOENIX, 'daytime', { spells: 1 }],
  ['number', PHOENIX, 'nightInTwoRows'],
  ['uuid', PHOENIX, 'sameStartAndEnd', { spells: 2 }],
  ['number', LOS_ANGELES, 'daytime'],
  ['number', LOS_ANGELES, 'threeServices', { spells: 2 }],
  ['number', LOS_ANGELES, 'nightOnly'],
  ['number', LOS_ANGELES, 'closedSunday', { everyHours: 7 }],
  ['uuid', LOS_ANGELES, 'tenMinutes'],
  ['number', LOS_ANGELES, 'none', { until: '2023-03-07T21:00:00Z' }],
  ['number', ANCHORAGE, 'daytime', { spells: 2 }],
  ['number', HONOLULU, 'closedMonday', { spells: 1 }],
  ['number', PUERTO_RICO, 'lunchAndDinner', { spells: 1 }],
  ['uuid', KOLKATA, 'daytime', { spells: 2 }],
  ['number', KOLKATA, 'eveningToNight'],
  ['number', UNKNOWN, 'daytime', { spells: 1 }],
  ['code', UNKNOWN, 'none', { spells: 2 }],
  ['uuid', UNKNOWN, 'nightInTwoRows'],
  ['number', UNKNOWN, 'office', { unpolled: true }],
];

/** The stores in the order of the table: `{id, zone, week, spells, downFrom, neverUp, everyHours, from, until, unpolled}`. */
export function sampleStores(random) {
  return TABLE.map((row) => storeOf(row, random));
}

function storeOf([form, zone, weekName, particulars], random) {
  return {
    id: ID_FORMS[form](random),
    zone,
    week: WEEKS[weekName],
    spells: random.whole(0, 2),
    downFrom: null,
    neverUp: false,
    everyHours: 1,
    from: null,
    until: null,
    unpolled: false,
    ...particulars,
  };
}

const digits = (random, count) => Array.from({ length: count }, () => random.whole(0, 9)).join('');
const hexDigits = (random, count) =>
  Array.from({ length: count }, () => random.whole(0, 15).toString(16)).join('');

const ID_FORMS = {
  /** Nineteen digits: more than a JavaScript number keeps, so that a program which makes numbers of ids is found out. */
  number: (random) => `${random.whole(1, 8)}${digits(random, 18)}`,
  uuid: (random) =>
    [
      hexDigits(random, 8),
      hexDigits(random, 4),
      `4${hexDigits(random, 3)}`,
      `${'89ab'[random.whole(0, 3)]}${hexDigits(random, 3)}`,
      hexDigits(random, 12),
    ].join('-'),
  /** Zeros in front, which a number would lose. */
  code: (random) => `00${digits(random, 4)}`,
};
