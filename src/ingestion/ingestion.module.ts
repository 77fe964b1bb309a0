import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StoresModule } from '../stores/stores.module.js';
import { Duplicates } from './imports/duplicates.js';
import { FileLoader } from './loads/file.loader.js';
import { ImportAcceptance } from './imports/import-acceptance.js';
import { ImportControl } from './imports/import-control.service.js';
import { ImportFile } from './imports/import-file.entity.js';
import { Import } from './imports/import.entity.js';
import { ImportCompanions } from './imports/import-companions.js';
import { ImportLoader } from './imports/import.loader.js';
import { ImportRunner } from './imports/import.runner.js';
import { ImportsReader } from './imports/imports.reader.js';
import { LivePollsService } from './live/live-polls.service.js';
import { ImportsService } from './imports/imports.service.js';
import { RejectsReader } from './rejects/rejects.reader.js';
import { UploadFolders } from './uploads/upload-folders.js';
import { UploadReceiver } from './uploads/upload.receiver.js';

/** Outside text becomes facts, and what did not is kept with its line and reason. */
@Module({
  imports: [TypeOrmModule.forFeature([Import, ImportFile]), StoresModule],
  providers: [
    ImportsService,
    LivePollsService,
    ImportsReader,
    RejectsReader,
    ImportCompanions,
    ImportLoader,
    ImportRunner,
    FileLoader,
    ImportAcceptance,
    ImportControl,
    Duplicates,
    UploadFolders,
    UploadReceiver,
  ],
  exports: [ImportsService, ImportControl, RejectsReader, LivePollsService, ImportRunner],
})
export class IngestionModule {}
