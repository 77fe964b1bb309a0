import type { DayTimeline, Timeline } from './timeline.js';

/** A maximal run of down status in the open time of one business day, clipped to the last week. */
export interface Outage {
  readonly startUs: number;
  /** null: it reaches asOf, and asOf lies in the open time of the same business day. */
  readonly endUs: number | null;
  /** Less than the distance from start to end when the run crosses a closed gap. */
  readonly openUs: number;
  /** false: no poll says so, the day is unobserved and the policy counts it as down. */
  readonly observed: boolean;
}

/** The outages of the last week, by start. */
export function outagesOf(timeline: Timeline): Outage[] {
  const { weekStartUs, asOfUs } = timeline.week;
  const outages: Outage[] = [];
  for (const day of timeline.days) collectOutages(day, weekStartUs, asOfUs, outages);
  return outages.sort((a, b) => a.startUs - b.startUs);
}

function collectOutages(day: DayTimeline, fromUs: number, asOfUs: number, outages: Outage[]): void {
  let startUs = -1;
  let endUs = -1;
  let openUs = 0;
  const close = () => {
    if (openUs === 0) return;
    const goesOn = endUs === asOfUs && isOpenAt(day, asOfUs);
    outages.push({ startUs, endUs: goesOn ? null : endUs, openUs, observed: day.polls.length > 0 });
    openUs = 0;
  };
  for (const segment of day.segments) {
    if (segment.endUs <= fromUs) continue;
    if (segment.status !== 'down') {
      close();
      continue;
    }
    const clippedStartUs = Math.max(segment.startUs, fromUs);
    if (openUs === 0) startUs = clippedStartUs;
    endUs = segment.endUs;
    openUs += endUs - clippedStartUs;
  }
  close();
}

function isOpenAt(day: DayTimeline, instantUs: number): boolean {
  return day.open.some(({ startUs, endUs }) => startUs <= instantUs && instantUs < endUs);
}
