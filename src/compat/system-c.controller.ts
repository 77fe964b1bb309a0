import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { type ImportView, ImportsService } from '../ingestion/index.js';
import { isForm } from '../platform/http/multipart.js';
import { Problem } from '../platform/problem.js';
import { type LoadedTableView, LoadedView } from './earlier-answers.view.js';

/** These clients trigger a report next and never ask whether the load is over, so the answer waits for it. */
const LONGEST_LOAD_S = 3_600;
const TABLES = {
  polls: 'store_status',
  hours: 'menu_hours',
  zones: 'timezone',
  exceptions: 'exceptions',
} as const;

/** System C: loads files with one call that answers when all is loaded. */
@ApiTags('earlier client C')
@Controller()
export class SystemCController {
  constructor(private readonly imports: ImportsService) {}

  @Post('data')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Load the CSV files of the request, or of the data folder, and wait until they are loaded',
    description: 'A request without files loads those of the data folder.',
  })
  @ApiOkResponse({
    type: LoadedView,
    description: 'All is loaded: rows read, loaded and rejected of each table',
  })
  @ApiBadRequestResponse({ description: 'There is nothing to load' })
  @ApiUnprocessableEntityResponse({ description: 'A file is refused whole' })
  async load(@Req() request: Request): Promise<LoadedView> {
    const accepted = isForm(request)
      ? await this.imports.upload(request)
      : await this.imports.requestDirectory();
    const ended = await this.imports.findEnded(accepted.id, LONGEST_LOAD_S);
    if (ended.status === 'completed') {
      return { message: 'Data loaded', import_id: ended.id, tables: await this.tablesOf(ended) };
    }
    const reasons = ended.files.map((file) => file.error).filter((reason) => reason !== null);
    throw new Problem(422, `import_${ended.status}`, [ended.error, ...reasons].filter(Boolean).join(' '));
  }

  /** Several files may be of one table. What was loaded before counts as loaded. */
  private async tablesOf({ files }: ImportView): Promise<Record<string, LoadedTableView>> {
    const tables: Record<string, LoadedTableView> = {};
    for (const file of files) {
      const { read, rejected } = await this.imports.countsOf(file);
      const table = (tables[TABLES[file.kind]] ??= { read: 0, loaded: 0, rejected: 0 });
      table.read += read;
      table.loaded += read - rejected;
      table.rejected += rejected;
    }
    return tables;
  }
}
