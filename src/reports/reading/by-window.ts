import type { ReportWindow } from '../files/report-columns.js';

/** Something of each window, by the window's name in the interface. */
export interface ByWindow<T> {
  last_hour: T;
  last_day: T;
  last_week: T;
}

export function windowsOf<T>(make: (window: ReportWindow) => T): ByWindow<T> {
  return { last_hour: make('hour'), last_day: make('day'), last_week: make('week') };
}
