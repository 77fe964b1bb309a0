import type { Availability } from '../../availability/index.js';
import type { StoreRecord } from '../../stores/store-facts.reader.js';
import type { LabSet } from './lab.entity.js';
import { presentSet } from './lab.presenter.js';
import type { LabResultView } from './lab.view.js';
import { MostDiffering } from './most-differing.js';
import { SetTally } from './set-tally.js';

/** Takes the stores one by one, each as every set sees it. What it keeps does not grow with their number. */
export class LabComparison {
  private readonly tallies: readonly SetTally[];
  private readonly most: MostDiffering;
  private seen = 0;

  constructor(private readonly sets: readonly LabSet[]) {
    this.tallies = sets.map(() => new SetTally());
    this.most = new MostDiffering(sets.map(({ name }) => name));
  }

  get stores(): number {
    return this.seen;
  }

  /** @param bySet what each set makes of the store, in the order of the sets. */
  add({ storeId, zone }: Pick<StoreRecord, 'storeId' | 'zone'>, bySet: readonly Availability[]): void {
    this.seen += 1;
    for (const [place, tally] of this.tallies.entries()) tally.add(bySet[place]!);
    this.most.add(storeId, zone, bySet);
  }

  result(): LabResultView {
    return {
      stores: this.seen,
      differing_stores: this.most.differing,
      sets: this.sets.map((set, place) => ({ ...presentSet(set), ...this.tallies[place]!.present() })),
      most_differing: this.most.present(),
    };
  }
}
