// What other features may use of this one.
export { MovementsModule } from './movements.module.js';
export { MovementsService } from './movements.service.js';
export type { BufferState } from './buffer/movement-state.js';
export type { BboxFormat, Role } from './movement-event.js';
export { MovementView } from './reading/movement-list.view.js';
export { EvidenceReader } from './evidence/evidence.reader.js';
export { countPresenceChanges, evidenceVersion } from './evidence/presence-versions.js';
export { evidenceOf, factsNeeded } from './evidence/store-evidence.js';
export { type Finding, FINDINGS, totalsOf } from './evidence/verdicts.js';
