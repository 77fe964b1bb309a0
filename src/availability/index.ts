export { DEFAULT_POLICY, ESTIMATORS, UNOBSERVED_WAYS, WINDOW_MODES, type Policy } from './policy.js';
export type {
  DatedWindow,
  HoursChange,
  StoreCalendar,
  StoreFacts,
  WeeklyWindow,
  ZoneChange,
} from './facts.js';
export { isActive, pollCode, pollInstantUs, sortPolls } from './polls.js';
export { canonicalZone, isZone } from './zone-names.js';
export { assess, availabilityOf } from './assess.js';
export type { Availability } from './week-tally.js';
export { timelineOf, type DayTimeline, type Timeline } from './timeline.js';
export { timelineOfDates, type DatesTimeline, type LocalDate } from './dates-timeline.js';
export { momentOf, type Moment, type OpenMoment } from './moment.js';
export { type Piece, piecesOf } from './pieces.js';
export type { Segment } from './segments.js';
export type { BusinessDay } from './business-days.js';
export type { Interval } from './intervals.js';
export type { WindowFigures } from './figures.js';
export type { Outage } from './outages.js';
export { earliestRelevantUs } from './report-week.js';
export { coverage, formatDuration, toHundredths } from './output.js';
export { localClock, type LocalClock } from './local-time.js';
