import { partitionOfWeek, weekOfDay } from './poll-partitions.js';

const dayOf = (date: string): number => Date.parse(date) / 86_400_000;

describe('partitions of polls', () => {
  it.each([
    ['2023-01-16', 'store_day_polls_2023w03', '2023-01-16', '2023-01-23'],
    ['2023-01-22', 'store_day_polls_2023w03', '2023-01-16', '2023-01-23'],
    ['2023-01-23', 'store_day_polls_2023w04', '2023-01-23', '2023-01-30'],
    ['2000-01-01', 'store_day_polls_1999w52', '1999-12-27', '2000-01-03'],
    ['2020-12-31', 'store_day_polls_2020w53', '2020-12-28', '2021-01-04'],
    ['2021-01-03', 'store_day_polls_2020w53', '2020-12-28', '2021-01-04'],
    ['2024-12-30', 'store_day_polls_2025w01', '2024-12-30', '2025-01-06'],
    ['1970-01-01', 'store_day_polls_1970w01', '1969-12-29', '1970-01-05'],
  ])('puts %s into the partition of its ISO week', (date, name, from, to) => {
    expect(partitionOfWeek(weekOfDay(dayOf(date)))).toEqual({ name, from, to });
  });
});
