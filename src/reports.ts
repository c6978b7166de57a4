/** `costspan/reports`: what the command line prints, as functions. */
import './base/check-node.ts';
export { ACCOUNTING_COLUMNS, accountingCsv, type AccountingOptions } from './reports/accounting-csv.ts';
export { readCell } from './base/spreadsheet-cell.ts';
export { focusCsv, focusLines, type FocusOptions } from './reports/focus-csv.ts';
export { formatCsv } from './reports/format-csv.ts';
export { formatInvoice, invoiceToCsv, invoiceToHtml, invoiceToJson } from './reports/format-invoice.ts';
export { formatJson } from './reports/format-json.ts';
export { formatTable } from './reports/format-table.ts';
export { invoice, type Invoice, type InvoiceOptions } from './reports/invoice.ts';
export type { InvoiceLine } from './reports/invoice-tally.ts';
export {
  type Period,
  report,
  type Report,
  type ReportLine,
  type ReportOptions,
  type ReportTotal,
} from './reports/report.ts';
export { fetchProviderReport, type FetchReportOptions } from './reports/reconcile/fetch-report.ts';
export type { ProviderLine, ProviderReport, ReportingProvider } from './reports/reconcile/provider-report.ts';
export { reconcile, type ReconcileOptions } from './reports/reconcile/reconcile.ts';
export type {
  Compared,
  DriftCause,
  ReconciledLine,
  Reconciliation,
} from './reports/reconcile/reconciliation.ts';
export {
  EXPORT_FORMATS,
  exportLines,
  type ExportManifest,
  type ExportOptions,
  exportToFile,
} from './reports/export.ts';
export { type CacheOptions, type CacheSavings, cacheSavings } from './reports/insights/cache-savings.ts';
export { type Forecast, forecast, type ForecastOptions } from './reports/insights/forecast.ts';
export { type Margin, margins } from './reports/insights/margins.ts';
export { type Outlier, type OutlierOptions, type Outliers, outliers } from './reports/insights/outliers.ts';
export { type Peak, type PeakOptions, peaks, type WeekHour, weekHours } from './reports/insights/peaks.ts';
export { type Trend, trend, type TrendOptions } from './reports/insights/trend.ts';
