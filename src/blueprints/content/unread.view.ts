import { isObject } from '../../platform/json-object.js';
import type { MappingContent } from '../mapping-content.js';
import { EARLIER_MEMBER } from './content.parser.js';
import { readEarlierForm, type UnreadPart } from './earlier-form.reader.js';
import { below } from './members.js';

/** More help nobody. */
const MOST_TOLD = 1_000;

/** A part of `mapping_data` that is kept, and says nothing to the mapping. */
export class UnreadView {
  /** The key that it would have, or as it is named there. */
  name: string;
  /** An RFC 6901 pointer. */
  where: string;
  why: string;
}

/**
 * What a layout of the earlier system says that could not be read, without what stands in the layout under its name by
 * now.
 */
export function presentUnread(content: MappingContent): UnreadView[] {
  const given = content.data[EARLIER_MEMBER];
  if (!isObject(given)) return [];
  const { unread } = readEarlierForm(given);
  if (unread.length === 0) return [];
  const isThere = thereIn(content);
  const missing = unread.filter((part) => !isThere(part));
  const root = below('', EARLIER_MEMBER);
  const told = missing
    .slice(0, MOST_TOLD)
    .map(({ name, where, why }) => ({ name, where: `${root}${where}`, why }));
  const more = missing.length - told.length;
  return more === 0
    ? told
    : [...told, { name: '', where: root, why: `${more} more of its parts could not be read.` }];
}

function thereIn({ zones, lines, cameras }: MappingContent): (part: UnreadPart) => boolean {
  const keysOf = (parts: readonly { readonly key: string }[]) => new Set(parts.map(({ key }) => key));
  const keys = {
    zones: keysOf(zones),
    lines: keysOf(lines),
    cameras: keysOf(cameras),
    stores: new Set<string>(),
    calibration: keysOf(cameras.filter(({ calibration }) => calibration !== null)),
  };
  return ({ kind, name }) => keys[kind].has(name);
}
