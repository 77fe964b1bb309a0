// What other features may use of this one.
export { CONTENT_TYPES, type ReportFormat } from './report-file.entity.js';
export type { TriggerReportDto as TriggerReport } from './report.dto.js';
export type { ReportView } from './report.view.js';
export { ReportsModule } from './reports.module.js';
export { ReportsService } from './reports.service.js';
