import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StoresModule } from '../stores/stores.module.js';
import { FileLoader } from './file.loader.js';
import { ImportFile } from './import-file.entity.js';
import { Import } from './import.entity.js';
import { ImportRunner } from './import.runner.js';
import { ImportsReader } from './imports.reader.js';
import { ImportsService } from './imports.service.js';

/** Outside text becomes facts, and what did not is kept with its line and reason. */
@Module({
  imports: [TypeOrmModule.forFeature([Import, ImportFile]), StoresModule],
  providers: [ImportsService, ImportsReader, ImportRunner, FileLoader],
  exports: [ImportsService, ImportRunner],
})
export class IngestionModule {}
