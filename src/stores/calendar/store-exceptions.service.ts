import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/connection.js';
import { entityTag, requireMatch } from '../../platform/http/entity-tag.js';
import { Problem } from '../../platform/problem.js';
import { DATE_RULE, parseDate } from '../../platform/wall-time.js';
import { noteFactChange } from '../fact-versions.js';
import { Findings, invalid } from '../invalid.js';
import { StoreEdits } from '../store-edits.js';
import type { ChangeExceptionsDto, ListExceptionsDto } from './store-exceptions.dto.js';
import { type DatedException, type ExceptionListView, presentException } from './store-exceptions.view.js';
import { readStore } from '../store-state.reader.js';
import type { Tagged } from '../stores.service.js';
import { MOST_WINDOWS, readDatedWindows } from './weekly-windows.js';

/** Shows and changes the dates on which a store has windows of its own. */
@Injectable()
export class StoreExceptionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly edits: StoreEdits,
  ) {}

  /** In order of date. @throws Problem 404 */
  list(id: string, query: ListExceptionsDto): Promise<Tagged<ExceptionListView>> {
    const first = dateOr(query.from, -Infinity);
    const from = query.cursor === undefined ? first : Math.max(first, Number(query.cursor) + 1);
    return inTransaction(
      this.dataSource,
      async (client) => {
        const { key } = await readStore(client, id);
        const found = await read(client, key, [from, dateOr(query.until, Infinity)], query.limit + 1);
        const shown = found.slice(0, query.limit);
        return tagged(client, key, shown, found.length > query.limit ? String(shown.at(-1)!.date) : null);
      },
      // The list and the tag of all are of one moment.
      'BEGIN ISOLATION LEVEL REPEATABLE READ',
    );
  }

  /** Sets the windows of the dates named. @returns these dates. @throws Problem 400, 404, 412, 503. */
  change(
    id: string,
    request: ChangeExceptionsDto,
    ifMatch: string | null,
  ): Promise<Tagged<ExceptionListView>> {
    const given = readExceptions(request.exceptions);
    return this.edits.run(async (client) => {
      const { key } = await readStore(client, id);
      requireMatch(ifMatch, entityTag(await digestOfAll(client, key)));
      const { rowCount } = await client.query(
        `INSERT INTO store_exceptions AS x (store_key, date, windows)
         SELECT $1, date '1970-01-01' + (given->>'date')::int,
                ARRAY (SELECT w.value::int FROM jsonb_array_elements_text(given->'windows') WITH ORDINALITY AS w (value, place)
                        ORDER BY w.place)
           FROM jsonb_array_elements($2::jsonb) AS given
         ON CONFLICT ON CONSTRAINT store_exceptions_pkey DO UPDATE SET windows = excluded.windows
           WHERE x.windows <> excluded.windows`,
        [key, JSON.stringify(given)],
      );
      await noteFactChange(client, { calendar: rowCount !== 0 });
      return tagged(client, key, given, null);
    });
  }

  /** The weekly hours hold on the date again. @throws Problem 400, 404, 412, 503. */
  async remove(id: string, date: string, ifMatch: string | null): Promise<void> {
    const day = parseDate(date);
    if (day === null)
      throw invalid('date', `The date has to be ${DATE_RULE}; '${date.slice(0, 100)}' is none.`);
    await this.edits.run(async (client) => {
      const { key } = await readStore(client, id);
      requireMatch(ifMatch, entityTag(await digestOfAll(client, key)));
      const { rowCount } = await client.query(
        `DELETE FROM store_exceptions WHERE store_key = $1 AND date = date '1970-01-01' + $2::int`,
        [key, day],
      );
      if (rowCount === 0)
        throw new Problem(
          404,
          'exception_not_found',
          `The store has no exception on ${date}: its weekly hours hold there.`,
        );
      await noteFactChange(client, { calendar: true });
    });
  }
}

function dateOr(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : parseDate(text)!;
}

/** @returns in order of date. @throws Problem 400 */
function readExceptions(given: readonly unknown[]): DatedException[] {
  const findings = new Findings();
  const byDate = new Map<number, DatedException>();
  for (const [place, one] of given.entries()) {
    const pointer = `/exceptions/${place}`;
    const {
      date: text,
      windows,
      ...others
    } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
    for (const name of Object.keys(others).slice(0, 1))
      findings.add(
        `${pointer}/${name.slice(0, 100)}`,
        'unknown_member',
        `'${name.slice(0, 100)}' is unknown here.`,
      );
    const date = typeof text === 'string' ? parseDate(text) : null;
    if (date === null) findings.add(`${pointer}/date`, 'bad_date', `date has to be ${DATE_RULE}.`);
    else if (byDate.has(date))
      findings.add(
        `${pointer}/date`,
        'date_twice',
        `${String(text)} is named twice. Put all windows of a date into one list.`,
      );
    if (!Array.isArray(windows) || windows.length > MOST_WINDOWS) {
      findings.add(
        `${pointer}/windows`,
        'bad_windows',
        `windows has to be a list of at most ${MOST_WINDOWS} of {"start", "end"}; [] for closed, one from "00:00" to "24:00" for open all day.`,
      );
    } else {
      const pairs = readDatedWindows(windows, `${pointer}/windows`, findings);
      if (date !== null) byDate.set(date, { date, windows: pairs });
    }
  }
  findings.refuse();
  return [...byDate.values()].toSorted((a, b) => a.date - b.date);
}

async function read(
  client: pg.ClientBase,
  key: number,
  [from, until]: readonly [number, number],
  limit: number,
): Promise<DatedException[]> {
  const { rows } = await client.query<DatedException>(
    `SELECT date - date '1970-01-01' AS date, windows FROM store_exceptions
      WHERE store_key = $1 AND ($2::int IS NULL OR date >= date '1970-01-01' + $2)
        AND ($3::int IS NULL OR date <= date '1970-01-01' + $3)
      ORDER BY store_exceptions.date LIMIT $4`,
    [key, Number.isFinite(from) ? from : null, Number.isFinite(until) ? until : null, limit],
  );
  return rows;
}

/** The tag is that of all of a store's exceptions, since an edit of some is made upon what is known of all. */
async function tagged(
  client: pg.ClientBase,
  key: number,
  exceptions: readonly DatedException[],
  cursor: string | null,
): Promise<Tagged<ExceptionListView>> {
  const view = { data: exceptions.map(presentException), next_cursor: cursor };
  return { view, etag: entityTag(await digestOfAll(client, key), view) };
}

async function digestOfAll(client: pg.ClientBase, key: number): Promise<string> {
  const { rows } = await client.query<{ digest: string }>(
    `SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws(' ', date - date '1970-01-01', windows), ';' ORDER BY date), ''), 'UTF8')), 'hex')
              AS digest
       FROM store_exceptions WHERE store_key = $1`,
    [key],
  );
  return rows[0]!.digest;
}
