// What other features may use of this one.
export { ClearingService } from './clearing.service.js';
export { DataModule } from './data.module.js';
export { TablesService } from './tables.service.js';
