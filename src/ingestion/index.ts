// What other features may use of this one.
export type { ImportView } from './import.view.js';
export { ImportsService } from './imports.service.js';
export { IngestionModule } from './ingestion.module.js';
export { describeUploads } from './upload-body.openapi.js';
