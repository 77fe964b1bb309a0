import { DAY_US } from '../../platform/instant.js';
import type { Report } from './report.entity.js';

/** Clocks of clients are off by a zone at most. */
const AHEAD_US = DAY_US;

/**
 * What people had better know of a report that they asked for, each a sentence: an as-of that lies ahead of the day on
 * which it was asked for gives figures on time that nobody has seen, which look like others.
 */
export function notesOn({
  requestedAsOfUs,
  createdAt,
}: Pick<Report, 'requestedAsOfUs' | 'createdAt'>): string[] {
  if (requestedAsOfUs === null) return [];
  const aheadUs = Number(requestedAsOfUs) - createdAt.getTime() * 1000;
  if (aheadUs <= AHEAD_US) return [];
  const days = Math.floor(aheadUs / DAY_US);
  return [
    `as_of lies ${days === 1 ? 'a day' : `${days.toLocaleString('en')} days`} after the moment at which the report was asked for. ` +
      'No poll of that time was there yet: the last one known holds, or the time is unobserved.',
  ];
}
