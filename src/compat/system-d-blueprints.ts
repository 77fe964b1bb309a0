import { Injectable } from '@nestjs/common';
import { ApplyService, BlueprintsService, type KeptBlueprint } from '../blueprints/index.js';
import { Clock } from '../platform/clock.js';
import { Problem } from '../platform/problem.js';
import {
  type AppliedBlueprintDView,
  type EarlierBlueprintView,
  presentAppliedD,
  presentEarlier,
} from './system-d-blueprints.view.js';

type Body = Readonly<Record<string, unknown>>;

/** So many at once: each comes with its whole layout. */
const READ_AT_ONCE = 100;
const LONGEST_LIST = 1_000;

/** What the clients read and send back, or what their forms add: nobody sets it. */
const NOT_SET = new Set([
  'id',
  'pk',
  'url',
  'version',
  'created_at',
  'updated_at',
  'archived_at',
  'links',
  'unread',
  'owner',
  'owner_id',
  'scope',
  'createdAt',
  'updatedAt',
  'created_by',
]);

/** What the routes of client D do with blueprints, in its words. To these clients one that was removed is gone. */
@Injectable()
export class SystemDBlueprints {
  constructor(
    private readonly blueprints: BlueprintsService,
    private readonly applying: ApplyService,
    private readonly clock: Clock,
  ) {}

  /** Newest first, the first 1,000. */
  async list(): Promise<EarlierBlueprintView[]> {
    const views: EarlierBlueprintView[] = [];
    while (views.length < LONGEST_LIST) {
      const { blueprints, total } = await this.blueprints.page(views.length, READ_AT_ONCE);
      views.push(...blueprints.map(presentEarlier));
      if (blueprints.length === 0 || views.length >= total) break;
    }
    return views;
  }

  /** @throws Problem 400, 409 */
  async create(body: unknown): Promise<EarlierBlueprintView> {
    return presentEarlier(await this.blueprints.create(settable(body)));
  }

  /** @throws Problem 404 */
  async one(id: string): Promise<EarlierBlueprintView> {
    return presentEarlier(await this.find(id));
  }

  /** @throws Problem 400, 404, 409 */
  async change(id: string, body: unknown): Promise<EarlierBlueprintView> {
    await this.find(id);
    return presentEarlier(await this.blueprints.change(id, settable(body), null));
  }

  /** @throws Problem 404 */
  async remove(id: string): Promise<void> {
    await this.find(id);
    await this.blueprints.archive(id, null);
  }

  /**
   * Applies it to one store; where the body names none, to the mapping `default`. The earlier system took the blueprint
   * for what holds, so that is preferred to what was changed by hand in the same place.
   *
   * @throws Problem 400, 404, 409 (not active)
   */
  async apply(id: string, body: unknown): Promise<AppliedBlueprintDView> {
    const { name } = await this.find(id);
    const store = storeIn(body);
    const answer = await this.applying.apply(
      id,
      { ...(store !== undefined && { store }), mode: 'merge', on_conflict: 'theirs' },
      null,
    );
    // One store is always done at once.
    if (!('applied' in answer)) throw new Error('One store became a rollout.');
    return presentAppliedD(name, answer.applied.view);
  }

  /** @throws Problem 400, 404, 409 (no mapping is in force, or the name is taken) */
  async createFromCurrent(body: unknown): Promise<EarlierBlueprintView> {
    const { name, description, is_active: isActive } = membersOf(body);
    const store = storeIn(body);
    return presentEarlier(
      await this.blueprints.createFromMapping({
        name: name === undefined || name === null ? this.nameOfNow(store) : textIn('name', name),
        ...(store !== undefined && { store }),
        ...(typeof description === 'string' && { description }),
        ...(typeof isActive === 'boolean' && { is_active: isActive }),
      }),
    );
  }

  private nameOfNow(store = 'default'): string {
    return `${store} as of ${new Date(Math.floor(this.clock.nowUs() / 1_000)).toISOString()}`;
  }

  private async find(id: string): Promise<KeptBlueprint> {
    const found = await this.blueprints.find(id);
    if (found.archivedAt === null) return found;
    throw new Problem(404, 'blueprint_not_found', `The blueprint '${found.name}' was removed.`);
  }
}

function membersOf(body: unknown): Body {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Body) : {};
}

function settable(body: unknown): Body {
  return Object.fromEntries(Object.entries(membersOf(body)).filter(([name]) => !NOT_SET.has(name)));
}

/** The earlier system's clients have named it in either way. */
function storeIn(body: unknown): string | undefined {
  const { store, store_id: id } = membersOf(body);
  const given = store ?? id ?? undefined;
  return given === undefined || given === '' ? undefined : textIn('store', given);
}

/** @throws Problem 400 */
function textIn(member: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= 200 && !value.includes('\0')) return value;
  throw new Problem(400, 'invalid', `'${member}' has to be text of at most 200 characters.`, [
    {
      pointer: `/${member}`,
      code: 'bad_text',
      detail: `${member} has to be text of at most 200 characters.`,
    },
  ]);
}
