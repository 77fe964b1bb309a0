import type { QueueMode } from '../platform/queue/work-queue.js';

export type ComponentStatus = 'ok' | 'degraded' | 'down';

/** How one part is doing. */
export class ComponentHealth {
  /** `degraded`: it works, with less; `down`: nothing works without it. */
  status: ComponentStatus;
  /** How long it took to answer; null where nothing was asked. */
  latency_ms: number | null;
  /** A sentence for people: what is, and what to do. */
  detail: string;
}

/** How those who do the work are. */
export class WorkersHealth extends ComponentHealth {
  /** Processes that wait at the queue, without this one; `detail` names kinds of work that none of them takes. */
  count: number;
}

/** How events of cameras are kept. */
export class MovementsHealth extends ComponentHealth {
  /** `redis`: accepted events wait there to be stored; `database`: they are stored at once, while their sender waits. */
  way: 'redis' | 'database';
  /** Events that wait in Redis; null: it does not answer. */
  waiting: number | null;
  /** Events that a worker has taken and not stored yet; null: Redis does not answer. */
  in_flight: number | null;
  /** How long ago the oldest of both was accepted; null: there is none. */
  oldest_waiting_seconds: number | null;
  /** Events that could not be stored, and can be replayed; null: the database does not answer. */
  dead_letters: number | null;
}

export class ComponentsHealth {
  database: ComponentHealth;
  queue: ComponentHealth;
  workers: WorkersHealth;
  storage: ComponentHealth;
  movements: MovementsHealth;
}

/** How every part is doing, and so the whole. */
export class Health {
  /** That of the part that is worst off. */
  status: ComponentStatus;
  /** `queue`: workers do the work; `inline`: this process does it. */
  mode: QueueMode;
  components: ComponentsHealth;
}

/** The whole in one word. */
export class StatusView {
  /** `ok`, `degraded` or `down`. */
  status: ComponentStatus;
}
