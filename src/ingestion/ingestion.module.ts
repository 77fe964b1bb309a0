import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StoresModule } from '../stores/stores.module.js';
import { Duplicates } from './duplicates.js';
import { FileLoader } from './file.loader.js';
import { ImportAcceptance } from './import-acceptance.js';
import { ImportControl } from './import-control.service.js';
import { ImportFile } from './import-file.entity.js';
import { Import } from './import.entity.js';
import { ImportCompanions } from './import-companions.js';
import { ImportLoader } from './import.loader.js';
import { ImportRunner } from './import.runner.js';
import { ImportsReader } from './imports.reader.js';
import { LivePollsService } from './live-polls.service.js';
import { ImportsService } from './imports.service.js';
import { RejectsReader } from './rejects.reader.js';
import { UploadFolders } from './upload-folders.js';
import { UploadReceiver } from './upload.receiver.js';

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
