import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { isDatabaseAway } from '../../platform/database/database-away.js';
import { Environment } from '../../platform/environment.js';
import { type ListOf, readJsonList, readLines } from '../../platform/http/list-body.js';
import { DAY_US } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { PollInbox } from '../../stores/polls/poll-inbox.js';
import { parseLivePolls, type ParsedPolls, type PollTimes } from './live-poll.parser.js';

const POLLS: ListOf = { one: 'a poll', many: 'polls', most: 5_000 };

/** Takes polls as they happen. */
@Injectable()
export class LivePollsService {
  /** Polls that may wait to be folded: a hundred seconds of the busiest traffic, some 80 MB. */
  mostWaiting = 2_000_000;

  constructor(
    private readonly inbox: PollInbox,
    private readonly clock: Clock,
    private readonly environment: Environment,
  ) {}

  /**
   * Keeps the polls of a request, all or none.
   *
   * @param body bytes of a JSON object, a JSON list, or, when `isLines`, an object a line.
   * @returns how many there are. They are committed then.
   * @throws Problem 400 or 413 for what can't be used, 429 when too many wait, 503 when the database is away.
   */
  async accept(body: Buffer, isLines: boolean): Promise<number> {
    if (this.inbox.size >= this.mostWaiting)
      throw new Problem(
        429,
        'too_many_waiting',
        'More than 2,000,000 polls wait to be merged with the data, perhaps behind a long load. Send these again in some seconds.',
      );
    const parsed = parseLivePolls(isLines ? readLines(body, POLLS) : readJsonList(body, POLLS), this.times());
    if (parsed.bad > 0) throw refusal(parsed);
    try {
      await this.inbox.append(parsed);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      throw new Problem(
        503,
        'database_away',
        'The database does not answer, so it is not certain that the polls were kept. Send them again: a poll that comes twice is one.',
      );
    }
    return parsed.polls.length;
  }

  private times(): PollTimes {
    const nowUs = this.clock.nowUs();
    const { retentionDays: days } = this.environment;
    return { nowUs, oldest: days === null ? null : { us: nowUs - days * DAY_US, days } };
  }
}

function refusal({ bad, polls, problems }: ParsedPolls): Problem {
  const all = bad + polls.length;
  const count =
    all === 1
      ? 'The poll is bad'
      : `${bad.toLocaleString('en')} of ${all.toLocaleString('en')} polls are bad`;
  const listed = problems.length === 100 ? ' The first 100 problems are listed.' : '';
  return new Problem(400, 'bad_polls', `${count}, so nothing of the request was kept.${listed}`, problems);
}
