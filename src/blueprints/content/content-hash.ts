import { createHash } from 'node:crypto';
import { canonicalJson } from '../../platform/http/canonical-json.js';
import type { MappingContent } from '../mapping-content.js';

/** SHA-256 of a layout, the same whatever the order of members; the order of its zones counts. */
export function contentHash(content: MappingContent): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
