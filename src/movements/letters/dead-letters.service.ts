import { Injectable } from '@nestjs/common';
import { badCursor, cursorOf, placeOfCursor } from '../../platform/http/cursor.js';
import { Problem } from '../../platform/problem.js';
import { invalid } from '../../stores/invalid.js';
import { RawEvents } from '../buffer/raw-events.js';
import { withoutUserIds } from '../privacy/person.js';
import { UserIds } from '../privacy/user-ids.js';
import { DeadLetters, type KeptLetter } from '../storing/dead-letters.js';
import { contentOf } from './letter-content.js';
import type {
  DeadLetterListView,
  DeadLetterView,
  ReplayedLetterView,
  ReplayView,
} from './dead-letters.view.js';

/** Letters that one request replays at most: each is a transaction. */
export const MOST_REPLAYED = 500;

/** Shows what was accepted and could not be stored, and tries it again. */
@Injectable()
export class DeadLettersService {
  constructor(
    private readonly letters: DeadLetters,
    private readonly raw: RawEvents,
    private readonly userIds: UserIds,
  ) {}

  /** The newest first. @throws Problem 400 for a cursor that is none. */
  async list(limit: number, cursor: string | undefined): Promise<DeadLetterListView> {
    const letters = await this.letters.list(cursor === undefined ? null : idOf(cursor), limit + 1);
    const shown = letters.slice(0, limit);
    const last = letters.length > limit ? shown.at(-1) : undefined;
    return {
      data: shown.map((letter) => this.present(letter)),
      next_cursor: last ? cursorOf(String(last.id)) : null,
      total: await this.letters.count(),
    };
  }

  /**
   * Tries to store some of them again, one after another; one that fails keeps none from its try.
   *
   * @param ids undefined: the newest 500, or those after the cursor.
   * @throws Problem 400 for a cursor that is none, or one beside ids.
   */
  async replay(ids: readonly number[] | undefined, cursor: string | undefined): Promise<ReplayView> {
    if (ids !== undefined && cursor !== undefined)
      throw invalid('/cursor', 'cursor goes on with older ones where no ids are named: give one of the two.');
    const before = cursor === undefined ? null : idOf(cursor);
    const wanted = ids ?? (await this.letters.list(before, MOST_REPLAYED)).map(({ id }) => id);
    const letters: ReplayedLetterView[] = [];
    for (const id of wanted) letters.push(await this.replayOne(id));
    const failed = letters.filter(({ outcome }) => outcome === 'failed').length;
    const isMore = ids === undefined && wanted.length === MOST_REPLAYED;
    return {
      replayed: letters.length - failed,
      failed,
      next_cursor: isMore ? cursorOf(String(wanted.at(-1))) : null,
      letters,
    };
  }

  private present(letter: KeptLetter): DeadLetterView {
    return {
      id: letter.id,
      reason: letter.reason,
      detail: letter.detail,
      event_id: letter.eventId,
      store: letter.store,
      content: contentOf(letter, (userId) => this.userIds.keep(userId)),
      kept_at: letter.keptAt.toISOString(),
    };
  }

  private async replayOne(id: number): Promise<ReplayedLetterView> {
    try {
      const stored = await this.letters.replay(id, (text) => this.raw.read(text));
      if (stored === null) return { id, outcome: 'failed', detail: 'There is no such dead letter.' };
      if (stored.deadLettered === 0)
        return { id, outcome: stored.stored === 1 ? 'stored' : 'known', detail: null };
      const still = await this.letters.find(id);
      return { id, outcome: 'failed', detail: still?.detail ?? 'It was refused again, for another reason.' };
    } catch (error) {
      if (error instanceof Problem) return { id, outcome: 'failed', detail: withoutUserIds(error.detail) };
      throw error;
    }
  }
}

function idOf(cursor: string): number {
  const id = Number(placeOfCursor(cursor) ?? Number.NaN);
  if (!Number.isSafeInteger(id) || id < 1) throw badCursor();
  return id;
}
