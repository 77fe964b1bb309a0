import path from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { formatInstantUs } from '../platform/instant.js';
import { PROJECT_ROOT } from '../platform/environment.js';
import { DataOverviewReader } from '../stores/data-overview.reader.js';
import { DataView } from './data.view.js';
import { ImportsService } from '../ingestion/index.js';

@ApiTags('data')
@Controller('api/v1/data')
export class DataController {
  constructor(
    private readonly overview: DataOverviewReader,
    private readonly imports: ImportsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What data there is, and what could be loaded' })
  @ApiOkResponse({ type: DataView, description: 'What the database holds, and what lies in the data folder' })
  async read(): Promise<DataView> {
    const [known, folder] = await Promise.all([this.overview.read(), this.imports.folder()]);
    return {
      stores: known.stores,
      polls: known.polls,
      polls_estimated: known.pollsEstimated,
      stores_with_polls: known.storesWithPolls,
      stores_without_hours: known.storesWithoutHours,
      stores_without_zone: known.storesWithoutZone,
      first_poll: known.firstPollUs === null ? null : formatInstantUs(known.firstPollUs),
      newest_poll: known.newestPollUs === null ? null : formatInstantUs(known.newestPollUs),
      folder: { path: shorten(folder.directory), files: folder.files },
    };
  }
}

/** A folder of the project by its name there: where on the machine the project lies is nobody's business. */
function shorten(directory: string): string {
  const relative = path.relative(PROJECT_ROOT, directory);
  return relative.startsWith('..') ? path.basename(directory) : relative;
}
