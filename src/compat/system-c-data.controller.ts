import { Controller, Delete, Get, Param, UseInterceptors } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ClearingService, TablesService } from '../data/index.js';
import { RetryAfter } from '../platform/http/retry-after.js';
import { ClearedView } from './earlier-answers.view.js';

const ROWS = 100;

/** System C: looks at a table, and clears all. */
@ApiTags('earlier client C')
@Controller('data')
@UseInterceptors(RetryAfter)
export class SystemCDataController {
  constructor(
    private readonly tables: TablesService,
    private readonly clearing: ClearingService,
  ) {}

  @Get(':table')
  @ApiOperation({ summary: 'Look at the first 100 rows of a table' })
  @ApiParam({
    name: 'table',
    description:
      '`store_status`, `business_hours` (or `menu_hours`), `timezone` (or `timezones`), `reports`, `movement_logs`, `blueprints` …',
  })
  @ApiOkResponse({
    schema: { type: 'array', items: { type: 'object' } },
    description: 'Rows with the columns of the files',
  })
  @ApiNotFoundResponse({ description: 'There is no such table; `detail` names those that exist' })
  async rows(@Param('table') table: string): Promise<object[]> {
    const { data } = await this.tables.rows(table, ROWS, undefined);
    for (const row of data) {
      if (typeof row['timestamp_utc'] === 'string') row['timestamp_utc'] = asInFile(row['timestamp_utc']);
    }
    return data;
  }

  @Delete()
  @ApiOperation({ summary: 'Clear all data; reports stay' })
  @ApiOkResponse({
    type: ClearedView,
    description: 'What was cleared: the number of rows of each table',
  })
  @ApiConflictResponse({ description: 'Imports or reports wait or run' })
  async clear(): Promise<ClearedView> {
    const { cleared_id, counts, restorable_until } = await this.clearing.clear();
    return { message: 'Data cleared; reports stay', tables: counts, cleared_id, restorable_until };
  }
}

/** `2023-01-22 12:09:39.388884 UTC` of the RFC 3339 instant. */
function asInFile(instant: string): string {
  return instant.replace('T', ' ').replace('Z', ' UTC');
}
