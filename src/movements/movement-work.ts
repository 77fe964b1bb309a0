import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type WorkHandler, WorkHandlers } from '../platform/queue/work-handlers.js';

/** One kind of work of the queue `movements`: that of the ids that are its name, or begin with it and a hyphen. */
export interface MovementTask {
  readonly name: string;
  /** Safe to call twice, at once and on any process. */
  run(id: string): Promise<void>;
  /** Ids that wait or whose run died, oldest first. */
  unfinished(): Promise<string[]>;
}

/** Gives the work of the queue `movements` to whoever does it. */
@Injectable()
export class MovementWork implements WorkHandler, OnModuleInit {
  readonly queue = 'movements';
  private readonly tasks: MovementTask[] = [];

  constructor(private readonly handlers: WorkHandlers) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  /** A part of the feature registers while its module starts. */
  register(task: MovementTask): void {
    this.tasks.push(task);
  }

  run(id: string): Promise<void> {
    const task = this.tasks.find(({ name }) => id === name || id.startsWith(`${name}-`));
    if (task === undefined) throw new Error(`Nobody does '${id}' of the queue 'movements'.`);
    return task.run(id);
  }

  async unfinished(): Promise<string[]> {
    return (await Promise.all(this.tasks.map((task) => task.unfinished()))).flat();
  }
}
