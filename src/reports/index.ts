// What other features may use of this one.
export type { ReportFormat } from './files/report-variant.js';
export type { TriggerReportDto as TriggerReport } from './requests/report.dto.js';
export type { ReportView } from './requests/report.view.js';
export { ReportsModule } from './reports.module.js';
export { ReportsService } from './requests/reports.service.js';
