import { formatInstantUs } from '../../platform/instant.js';
import type { Lab } from './lab.entity.js';
import type { LabSetView, LabView } from './lab.view.js';

/** @param inFull with what lists leave out. */
export function presentLab(lab: Lab, inFull: boolean): LabView {
  const asOfUs = lab.asOfUs ?? lab.requestedAsOfUs;
  return {
    id: lab.id,
    status: lab.status,
    as_of: asOfUs === null ? null : formatInstantUs(Number(asOfUs)),
    sets: lab.sets.map(presentSet),
    include_unpolled: lab.includeUnpolled,
    store_ids: inFull ? lab.storeIds : null,
    store_ids_count: lab.storeIds?.length ?? null,
    progress: { done: lab.done, total: lab.total },
    created_at: lab.createdAt.toISOString(),
    started_at: lab.startedAt?.toISOString() ?? null,
    completed_at: lab.completedAt?.toISOString() ?? null,
    result: inFull ? (lab.result ?? null) : null,
    error: lab.error,
    links: { self: `/api/v1/reports/lab/${lab.id}` },
  };
}

/** jsonb keeps the members in an order of its own. */
export function presentSet({ name, windows, unobserved, estimator }: LabSetView): LabSetView {
  return { name, windows, unobserved, estimator };
}
