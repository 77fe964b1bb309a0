import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, type Repository } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { Environment } from '../../platform/environment.js';
import { parseInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';
import { waitFor } from '../../platform/wait.js';
import { completeSets } from './lab-sets.js';
import type { RequestLabDto } from './lab.dto.js';
import { Lab } from './lab.entity.js';
import { presentLab } from './lab.presenter.js';
import type { LabListView, LabStatus, LabView } from './lab.view.js';

const ENDED: ReadonlySet<LabStatus> = new Set(['completed', 'failed', 'cancelled']);
const ENDED_SQL = `status IN ('completed', 'failed', 'cancelled')`;

/** Takes requests to compare option sets, and answers what became of them. */
@Injectable()
export class LabsService {
  constructor(
    @InjectRepository(Lab) private readonly labs: Repository<Lab>,
    private readonly environment: Environment,
    private readonly queue: WorkQueue,
  ) {}

  /**
   * Keeps the request and hands it to whoever computes it.
   *
   * @throws Problem 400 when two sets come to the same options, or have the same name.
   */
  async request(request: RequestLabDto): Promise<LabView> {
    const { defaultPolicy, defaultZone } = this.environment;
    const sets = completeSets(request.sets, defaultPolicy);
    const id = uuidv7();
    await this.labs.query(
      `INSERT INTO labs (lab_id, requested_as_of_us, sets, include_unpolled, store_ids, default_zone)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        id,
        request.as_of ? parseInstantUs(request.as_of) : null,
        JSON.stringify(sets),
        request.include_unpolled ?? false,
        request.store_ids ?? null,
        defaultZone,
      ],
    );
    await this.queue.enqueue('labs', id);
    return this.find(id);
  }

  /** @throws Problem 404 when there is no such comparison; an id that can't be one is none. */
  async find(id: string): Promise<LabView> {
    const lab = isUuid(id)
      ? await this.labs
          .createQueryBuilder('lab')
          .addSelect('lab.result')
          .where('lab.lab_id = :id', { id })
          .getOne()
      : null;
    if (lab === null) throw noSuchLab(id);
    return presentLab(lab, true);
  }

  /** As `find`, but only when it has ended, or when `seconds` are over. */
  async findEnded(id: string, seconds: number): Promise<LabView> {
    const ended = await waitFor(async () => {
      const lab = await this.find(id);
      return ENDED.has(lab.status) ? lab : null;
    }, seconds * 1000);
    return ended ?? this.find(id);
  }

  /** Newest first. */
  async list(limit: number, cursor: string | undefined): Promise<LabListView> {
    const page = await this.labs.find({
      // Ids are made in order of time.
      where: cursor === undefined ? {} : { id: LessThan(cursor) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const shown = page.slice(0, limit);
    return {
      data: shown.map((lab) => presentLab(lab, false)),
      next_cursor: page.length > limit ? (shown.at(-1)?.id ?? null) : null,
    };
  }

  /**
   * Ends a comparison. Whoever computes it finds its claim gone within a second.
   *
   * @throws Problem 404, or 409 when it has ended already.
   */
  async cancel(id: string): Promise<LabView> {
    // Refuses an id that is none, before the database does in words of its own.
    await this.find(id);
    const [, cancelled] = await this.labs.query(
      `UPDATE labs
          SET status = 'cancelled', claim_token = NULL, lease_until = NULL, completed_at = clock_timestamp(),
              error = 'It was cancelled.'
        WHERE lab_id = $1 AND status IN ('pending', 'running')`,
      [id],
    );
    const lab = await this.find(id);
    if (cancelled === 1) return lab;
    throw new Problem(
      409,
      'lab_ended',
      `The comparison is ${lab.status} already; one that waits or runs can be cancelled.`,
    );
  }

  /** @throws Problem 404, 409 (it has not ended) */
  async remove(id: string): Promise<void> {
    const { status } = await this.find(id);
    const [, removed] = await this.labs.query(`DELETE FROM labs WHERE lab_id = $1 AND ${ENDED_SQL}`, [id]);
    if (removed === 1 || ENDED.has(status)) return;
    throw new Problem(
      409,
      `lab_${status}`,
      `The comparison is ${status}. Cancel it first (POST /api/v1/reports/lab/${id}/cancel), or wait until it has ended.`,
    );
  }

  /** Removes comparisons that ended before the instant. @returns how many */
  async removeEnded(before: Date): Promise<number> {
    const [, removed] = await this.labs.query(
      `DELETE FROM labs WHERE ${ENDED_SQL} AND coalesce(completed_at, created_at) < $1`,
      [before],
    );
    return removed as number;
  }
}

function noSuchLab(id: string): Problem {
  return new Problem(
    404,
    'lab_not_found',
    `There is no comparison '${id.slice(0, 100)}'. GET /api/v1/reports/lab lists those that exist.`,
  );
}
