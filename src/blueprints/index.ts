// What other features may use of this one.
export { BlueprintsModule } from './blueprints.module.js';
