// What other features may use of this one.
export { BlueprintsModule } from './blueprints.module.js';
export {
  contains,
  fitHomography,
  type Locate,
  locate,
  locator,
  passes,
  project,
  type SeenBox,
  sideOf,
} from './geometry/index.js';
export type * from './mapping-content.js';
export { ApplyService } from './applying/apply.service.js';
export type { ApplyView } from './applying/apply.view.js';
export { BlueprintsService } from './blueprints.service.js';
export type { KeptBlueprint } from './blueprints.reader.js';
export { presentEarlierForm } from './content/earlier-form.view.js';
export { findStore } from './mapping/target-stores.reader.js';
export { MappingReader } from './mapping/mapping.reader.js';
export { MappingService } from './mapping/mapping.service.js';
