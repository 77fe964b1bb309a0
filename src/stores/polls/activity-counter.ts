import { DAY_US } from '../../platform/instant.js';
import { type DayActivity, SLOT_US, SLOTS_A_DAY } from './poll-activity.js';

/** Counts polls by five minutes while they pass on their way into the tables: so they need not be read again for it. */
export class ActivityCounter {
  private readonly days = new Map<number, { polls: number[]; firstUs: number[]; lastUs: number[] }>();

  /**
   * @param day days since 1970-01-01.
   * @param codes polls of that day, each once.
   */
  add(day: number, codes: Float64Array): void {
    const { polls, firstUs, lastUs } = this.slotsOf(day);
    const startUs = day * DAY_US;
    for (const code of codes) {
      const us = Math.floor(code / 2) - startUs;
      const slot = Math.floor(us / SLOT_US);
      const inSlot = us - slot * SLOT_US;
      if (polls[slot]!++ === 0) firstUs[slot] = lastUs[slot] = inSlot;
      else if (inSlot < firstUs[slot]!) firstUs[slot] = inSlot;
      else if (inSlot > lastUs[slot]!) lastUs[slot] = inSlot;
    }
  }

  /** What was counted, by day. */
  counted(): DayActivity[] {
    return Array.from(this.days, ([day, slots]) => ({ day, ...slots }));
  }

  private slotsOf(day: number): { polls: number[]; firstUs: number[]; lastUs: number[] } {
    let slots = this.days.get(day);
    if (slots === undefined) {
      const none = (): number[] => Array.from({ length: SLOTS_A_DAY }, () => 0);
      slots = { polls: none(), firstUs: none(), lastUs: none() };
      this.days.set(day, slots);
    }
    return slots;
  }
}
