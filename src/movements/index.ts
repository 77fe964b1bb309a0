// What other features may use of this one.
export { MovementsModule } from './movements.module.js';
