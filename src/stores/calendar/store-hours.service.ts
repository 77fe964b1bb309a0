import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { withConnection } from '../../platform/database/connection.js';
import { entityTag, requireMatch } from '../../platform/http/entity-tag.js';
import { parseDate } from '../../platform/wall-time.js';
import { planChange } from './dated-changes.js';
import { carryOut } from './dated-changes.writer.js';
import { Findings } from '../invalid.js';
import { noteFactChange } from '../fact-versions.js';
import { StoreEdits } from '../store-edits.js';
import type { ChangeHoursDto } from './store-hours.dto.js';
import { type HoursView, presentHours } from './store-hours.view.js';
import type { StoreState } from '../store-state.js';
import { readStore } from '../store-state.reader.js';
import { StoresService, type Tagged } from '../stores.service.js';
import { AROUND_THE_CLOCK, isAroundTheClock, readWeeklyWindows } from './weekly-windows.js';

type Windows = readonly number[] | null;

/** Shows and changes the weekly hours of stores. */
@Injectable()
export class StoreHoursService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly edits: StoreEdits,
    private readonly stores: StoresService,
  ) {}

  /** @param date null: today by the store's clock. @throws Problem 404 */
  find(id: string, date: string | null): Promise<Tagged<HoursView>> {
    return withConnection(this.dataSource, async (client) => {
      const store = await readStore(client, id);
      return this.present(store, date === null ? this.stores.today(store).date : parseDate(date)!);
    });
  }

  /** @throws Problem 400, 404, 412, 503. */
  change(id: string, request: ChangeHoursDto, ifMatch: string | null): Promise<Tagged<HoursView>> {
    const findings = new Findings();
    const windows = readWeeklyWindows(request.windows, findings);
    findings.refuse();
    return this.edits.run(async (client) => {
      const store = await readStore(client, id);
      const today = this.stores.today(store).date;
      requireMatch(ifMatch, this.present(store, today).etag);
      if (request.effective_from === 'always') await this.setForAllTime(client, store, windows);
      else {
        const from = request.effective_from ?? null;
        await this.setFrom(client, store, from === null ? today + 1 : parseDate(from)!, windows);
      }
      return this.present(await readStore(client, id), today);
    });
  }

  private present(store: StoreState, date: number): Tagged<HoursView> {
    const view = presentHours(store, date);
    const changes = store.hoursChanges.map((change) => [change.fromDate, change.windows]);
    return { view, etag: entityTag([store.id, store.hours, changes], view) };
  }

  /** Around the clock is kept in full: as no row at all it would be taken for hours that nobody knows. */
  private async setForAllTime(client: pg.PoolClient, store: StoreState, windows: Windows): Promise<void> {
    const removed = await client.query('DELETE FROM store_hours_changes WHERE store_key = $1', [store.key]);
    const written = await client.query(
      `INSERT INTO business_hours AS h (store_key, windows) VALUES ($1, $2)
       ON CONFLICT ON CONSTRAINT business_hours_pkey DO UPDATE SET windows = excluded.windows
       WHERE h.windows <> excluded.windows`,
      [store.key, windows ?? AROUND_THE_CLOCK],
    );
    const unflagged = await client.query(
      'UPDATE stores SET hours_rejected = false WHERE store_key = $1 AND hours_rejected',
      [store.key],
    );
    const changes = [removed, written, unflagged].some(({ rowCount }) => rowCount !== 0);
    await noteFactChange(client, { calendar: changes });
  }

  private async setFrom(
    client: pg.PoolClient,
    store: StoreState,
    date: number,
    windows: Windows,
  ): Promise<void> {
    const changes = store.hoursChanges.map((change) => ({
      fromDate: change.fromDate,
      value: change.windows,
    }));
    const given = { date, value: windows };
    const plan = planChange(changes, store.hours, given, areSame);
    await carryOut(client, 'store_hours_changes', plan, store.key, given);
  }
}

function areSame(one: Windows, other: Windows): boolean {
  const full = (windows: Windows): string =>
    windows === null || isAroundTheClock(windows) ? '' : windows.join();
  return full(one) === full(other);
}
