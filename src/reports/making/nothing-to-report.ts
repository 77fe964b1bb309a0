import { Hopeless } from '../../platform/database/claim.js';
import { formatInstantUs } from '../../platform/instant.js';

/** A report that can't have a row. Not a fault: trying again would not help, loading data does. */
export class NothingToReport extends Hopeless {
  private constructor(sentence: string) {
    super(sentence);
    this.name = 'NothingToReport';
  }

  static noPolls(): NothingToReport {
    return new NothingToReport(
      'There is nothing to report on: no poll has been loaded yet. Load store_status.csv first (POST /api/v1/imports).',
    );
  }

  static noStores(asOfUs: number, storeIds: readonly string[] | null): NothingToReport {
    const [which, advice] =
      storeIds === null
        ? ['no store', 'Choose a later as-of']
        : [
            'none of the stores that were named',
            'See that the ids are right (GET /api/v1/stores lists the stores that are known), choose a later as-of',
          ];
    return new NothingToReport(
      `There is nothing to report on: ${which} has a poll at or before ${formatInstantUs(asOfUs)}. ` +
        `${advice}, or ask for stores without polls as well (include_unpolled).`,
    );
  }
}
