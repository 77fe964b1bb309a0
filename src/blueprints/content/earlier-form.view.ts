import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../../platform/json-object.js';
import type { MappingContent } from '../mapping-content.js';
import { EARLIER_MEMBER } from './content.parser.js';
import { presentCamera, presentLine, presentZone } from './content.view.js';
import { readEarlierForm } from './earlier-form.reader.js';

/** Members of a store in such a layout that the layout's own then say. */
const READ_PARTS = new Set(['zones', 'lines', 'cameras']);

/**
 * A layout in the form of the earlier system: as it was given, as long as it still says what holds; else with zones,
 * lines, cameras and calibration as they are now, beside all else that was given. Read again it gives the same layout.
 */
export function presentEarlierForm(content: MappingContent): JsonObject {
  const given = content.data[EARLIER_MEMBER];
  const known = isObject(given) ? given : {};
  const { zones, lines, cameras } = content;
  if (isObject(given)) {
    const { unread: _, ...read } = readEarlierForm(given);
    if (isDeepStrictEqual(kept(read), kept({ zones, lines, cameras }))) return given;
  }
  return {
    ...known,
    stores: withoutParts(known['stores']),
    zones: zones.map(presentZone),
    lines: lines.map(presentLine),
    cameras: Object.fromEntries(
      cameras.map((camera) => {
        const { calibration: _, calibration_error: __, ...view } = presentCamera(camera);
        return [camera.key, view];
      }),
    ),
    calibration: Object.fromEntries(
      cameras.flatMap(({ key, calibration }) => (calibration === null ? [] : [[key, calibration]])),
    ),
  };
}

function kept(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function withoutParts(stores: unknown): unknown {
  const bare = (store: unknown): unknown =>
    isObject(store)
      ? Object.fromEntries(Object.entries(store).filter(([name]) => !READ_PARTS.has(name)))
      : store;
  if (Array.isArray(stores)) return stores.map(bare);
  return isObject(stores)
    ? Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, bare(store)]))
    : {};
}
