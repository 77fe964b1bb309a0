import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { RetryAfter } from '../../platform/http/retry-after.js';
import { parseInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { ListCollectorOutagesDto } from './collector-outages.dto.js';
import { CollectorOutagesReader, type FoundOutages } from './collector-outages.reader.js';
import { CollectorOutageListView, collectorOutageList } from './collector-outages.view.js';
import { ListFoundStoresDto } from './data-quality.dto.js';
import { dataQualityView } from './data-quality.presenter.js';
import { DataQualityReader } from './data-quality.reader.js';
import { DataQualityView, FoundStoreListView } from './data-quality.view.js';

/** How long changed days may be counted while somebody waits. */
const RECOUNT_MS = 8_000;
const RECOUNT_IN_PASSING_MS = 800;

@ApiTags('data')
@Controller('api/v1')
export class DataQualityController {
  constructor(
    private readonly quality: DataQualityReader,
    private readonly collector: CollectorOutagesReader,
  ) {}

  @Get('data-quality')
  @ApiOperation({ summary: 'What the data is like' })
  @ApiOkResponse({ type: DataQualityView, description: 'Counts, with examples and where all are listed' })
  async read(): Promise<DataQualityView> {
    const outages = await this.outagesInPassing();
    return dataQualityView(await this.quality.read(), outages);
  }

  @Get('data-quality/stores')
  @ApiOperation({ summary: 'The stores about which something is odd' })
  @ApiOkResponse({ type: FoundStoreListView, description: 'A page of ids, in their order' })
  async stores(@Query() query: ListFoundStoresDto): Promise<FoundStoreListView> {
    const ids = await this.quality.list(query.finding, query.cursor ?? '', query.limit + 1);
    const page = ids.slice(0, query.limit);
    return {
      data: page.map((id) => ({ store_id: id })),
      next_cursor: ids.length > page.length ? page.at(-1)! : null,
    };
  }

  @Get('collector-outages')
  @UseInterceptors(RetryAfter)
  @ApiOperation({ summary: 'When polls stopped for nearly all stores at once' })
  @ApiOkResponse({ type: CollectorOutageListView, description: 'By start, and how they are found' })
  @ApiServiceUnavailableResponse({ description: 'Polls have changed and are still being counted' })
  async outages(@Query() query: ListCollectorOutagesDto): Promise<CollectorOutageListView> {
    const bound = (text: string | undefined, none: number): number =>
      text === undefined ? none : parseInstantUs(text)!;
    return collectorOutageList(
      await this.collector.all(RECOUNT_MS),
      bound(query.from, -Infinity),
      bound(query.to, Infinity),
    );
  }

  /** Null while too many days are still to be counted: the rest of the answer doesn't wait for it. */
  private async outagesInPassing(): Promise<FoundOutages | null> {
    try {
      return await this.collector.all(RECOUNT_IN_PASSING_MS);
    } catch (error) {
      if (error instanceof Problem && error.status === 503) return null;
      throw error;
    }
  }
}
