import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ListTableRowsDto } from './tables.dto.js';
import { TablesService } from './tables.service.js';
import { TableListView, TableRowsView } from './tables.view.js';

@ApiTags('data')
@Controller('api/v1/tables')
export class TablesController {
  constructor(private readonly tables: TablesService) {}

  @Get()
  @ApiOperation({ summary: 'List the tables that can be looked at, with their numbers of rows' })
  @ApiOkResponse({ type: TableListView, description: 'Every table; large ones are estimated' })
  async list(): Promise<TableListView> {
    return { data: await this.tables.list() };
  }

  @Get(':name/rows')
  @ApiOperation({ summary: 'Look at the rows of a table, page by page' })
  @ApiParam({ name: 'name', description: '`name` of the table, or one of its `aliases`' })
  @ApiOkResponse({ type: TableRowsView, description: 'A page of rows, and the cursor of the next one' })
  @ApiBadRequestResponse({ description: 'The limit or the cursor is not one' })
  @ApiNotFoundResponse({ description: 'There is no such table; `detail` names those that exist' })
  rows(@Param('name') name: string, @Query() query: ListTableRowsDto): Promise<TableRowsView> {
    return this.tables.rows(name, query.limit, query.cursor);
  }
}
