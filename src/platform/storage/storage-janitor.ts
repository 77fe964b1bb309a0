import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Chores } from '../chores.js';
import { FileStorage } from './file-storage.js';

const EVERY_MS = 3_600_000;

/** Sees at the start that files can be kept, and removes what killed runs left behind, then and every hour. */
@Injectable()
export class StorageJanitor implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly storage: FileStorage,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    this.chores.register({
      name: 'Removing temporary files',
      everyMs: EVERY_MS,
      run: () => this.storage.sweep(),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.storage.prepare();
    await this.storage.sweep();
  }
}
