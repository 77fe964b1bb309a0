import type pg from 'pg';
import { DAY_US } from '../../platform/instant.js';
import type { CrossingDirection } from '../meaning/track.js';
import type { SeenCrossing } from '../meaning/united.js';
import type { ByPerson } from './figures.reader.js';

/** Who crosses a line without a rest for longer is a thing that a tracker takes for a person. */
const LONGEST_CHAIN_US = DAY_US;

/** One person's crossings of one line in one direction, none of which lies farther than the time-out from the next. */
interface Chain {
  readonly lineKey: string;
  readonly userId: string;
  readonly direction: CrossingDirection;
  /** All of the person over the line, in either direction. */
  readonly crossings: SeenCrossing[];
  /** The first one that is known. */
  startUs: number;
}

/**
 * Adds what was crossed before a range, as far as it decides which crossings of the range count (M8): one that another
 * camera saw already is none, unless that one was none itself, and so on back to the first of the chain. Without all of
 * it the parts of a time would not add up to the whole. Most lines rest while a range begins, and nothing is read then.
 *
 * @param crossings those of the range that begins at `fromUs`; what is found is added to them
 */
export async function addEarlierCrossings(
  client: pg.ClientBase,
  storeKey: number,
  crossings: ByPerson<SeenCrossing>,
  { fromUs, timeoutUs }: { fromUs: number; timeoutUs: number },
): Promise<void> {
  const chains = chainsOf(crossings);
  const oldestUs = fromUs - LONGEST_CHAIN_US;
  let readUs = fromUs;
  for (let widthUs = timeoutUs; readUs > oldestUs; widthUs *= 2) {
    const open = [...chains.values()].filter(({ startUs }) => startUs - timeoutUs < readUs);
    if (open.length === 0) return;
    const untilUs = readUs;
    readUs = Math.max(oldestUs, readUs - widthUs);
    const earlier = await readBackwards(client, storeKey, open, readUs, untilUs);
    for (const { lineKey, userId, crossing } of earlier) {
      const chain = chains.get(nameOf(lineKey, userId, crossing.direction))!;
      if (chain.startUs - crossing.atUs > timeoutUs) continue;
      chain.crossings.push(crossing);
      chain.startUs = crossing.atUs;
    }
  }
}

/** The first chains of a range, by name: a person's crossings of a line may be many thousands. */
function chainsOf(crossings: ByPerson<SeenCrossing>): Map<string, Chain> {
  const chains = new Map<string, Chain>();
  for (const [lineKey, people] of crossings)
    for (const [userId, its] of people)
      for (const direction of ['entry', 'exit'] as const) {
        const startUs = its.reduce(
          (least, one) => (one.direction === direction ? Math.min(least, one.atUs) : least),
          Infinity,
        );
        if (startUs === Infinity) continue;
        chains.set(nameOf(lineKey, userId, direction), {
          lineKey,
          userId,
          direction,
          crossings: its,
          startUs,
        });
      }
  return chains;
}

/** Those of some chains from an instant up to another, which is excluded; the last one first. */
async function readBackwards(
  client: pg.ClientBase,
  storeKey: number,
  chains: readonly Chain[],
  fromUs: number,
  untilUs: number,
): Promise<{ lineKey: string; userId: string; crossing: SeenCrossing }[]> {
  const { rows } = await client.query<{
    line_key: string;
    user_id: string;
    is_entry: boolean;
    camera_id: string;
    at_us: string;
  }>(
    `SELECT line_key, user_id, is_entry, camera_id, at_us
       FROM line_crossings
       JOIN unnest($4::text[], $5::text[], $6::boolean[]) AS chain (line_key, user_id, is_entry)
            USING (line_key, user_id, is_entry)
      WHERE store_key = $1 AND at_us >= $2 AND at_us < $3
      ORDER BY at_us DESC`,
    [
      storeKey,
      fromUs,
      untilUs,
      chains.map(({ lineKey }) => lineKey),
      chains.map(({ userId }) => userId),
      chains.map(({ direction }) => direction === 'entry'),
    ],
  );
  return rows.map((row) => ({
    lineKey: row.line_key,
    userId: row.user_id,
    crossing: {
      cameraId: row.camera_id,
      atUs: Number(row.at_us),
      direction: row.is_entry ? 'entry' : 'exit',
    },
  }));
}

function nameOf(lineKey: string, userId: string, direction: CrossingDirection): string {
  return JSON.stringify([lineKey, userId, direction]);
}
