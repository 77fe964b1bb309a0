import { ApiPropertyOptional } from '@nestjs/swagger';
import { CameraView, LineView, ZoneView } from './content/content.view.js';

const ANYTHING = { type: 'object', additionalProperties: true } as const;

/** A layout as it is sent. Members that are not known are kept under `data`, and given back. */
export class LayoutBody {
  /** Only `key` and `polygon` are needed; the rest goes by the kind. */
  @ApiPropertyOptional({ type: [ZoneView], maxItems: 1000 })
  zones?: ZoneView[];
  /** Only `key`, `from` and `to` are needed. */
  @ApiPropertyOptional({ type: [LineView], maxItems: 1000 })
  lines?: LineView[];
  /** Only `key` is needed. */
  @ApiPropertyOptional({ type: [CameraView], maxItems: 1000 })
  cameras?: CameraView[];
  @ApiPropertyOptional(ANYTHING)
  data?: object;
  /** A layout of the earlier system. It is kept as it is, and read for the lists that are not there. */
  @ApiPropertyOptional({ ...ANYTHING, example: { stores: {}, cameras: {}, calibration: {} } })
  mapping_data?: object;
}

export class BlueprintBody extends LayoutBody {
  /** No other blueprint may have it, in any letter case. */
  name: string;
  @ApiPropertyOptional({ type: String, nullable: true })
  description?: string | null;
  /** Whether it may be applied. */
  @ApiPropertyOptional()
  is_active?: boolean;
}

export class ChangeBlueprintBody extends LayoutBody {
  @ApiPropertyOptional()
  name?: string;
  @ApiPropertyOptional({ type: String, nullable: true })
  description?: string | null;
  @ApiPropertyOptional()
  is_active?: boolean;
}

export class MappingBody extends LayoutBody {
  /** From when on it holds, at most 366 days ahead. Default: now. In the past only for a store that has no mapping yet. */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  effective_from?: string | null;
}
