// What other features may use of this one.
export type { ImportView } from './imports/import.view.js';
export { ImportsService } from './imports/imports.service.js';
export { IngestionModule } from './ingestion.module.js';
export { describeUploads } from './uploads/upload-body.openapi.js';
