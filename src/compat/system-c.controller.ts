import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ImportsService } from '../ingestion/index.js';
import { Problem } from '../platform/problem.js';

/** These clients trigger a report next and never ask whether the load is over, so the answer waits for it. */
const LONGEST_LOAD_S = 3_600;
const TABLES = { polls: 'store_status', hours: 'menu_hours', zones: 'timezone' } as const;

/** System C: loads the folder with one call that answers when all is loaded. */
@ApiTags('earlier client C')
@Controller()
export class SystemCController {
  constructor(private readonly imports: ImportsService) {}

  @Post('data')
  @HttpCode(200)
  @ApiOperation({ summary: 'Load the CSV files of the data folder, and wait until they are loaded' })
  @ApiOkResponse({
    type: 'object',
    description: 'All is loaded: rows read, loaded and rejected of each table',
  })
  async load(): Promise<object> {
    const accepted = await this.imports.requestDirectory();
    const ended = await this.imports.findEnded(accepted.id, LONGEST_LOAD_S);
    if (ended.status === 'completed') {
      return {
        message: 'Data loaded',
        import_id: ended.id,
        tables: Object.fromEntries(
          ended.files.map((file) => [
            TABLES[file.kind],
            { read: file.read, loaded: file.read - file.rejected, rejected: file.rejected },
          ]),
        ),
      };
    }
    const reasons = ended.files.map((file) => file.error).filter((reason) => reason !== null);
    throw new Problem(422, `import_${ended.status}`, [ended.error, ...reasons].filter(Boolean).join(' '));
  }
}
