/** `costspan/dashboard`: a page to look at a ledger with, and its JSON API. */
import './base/check-node.ts';
export { createDashboard, type Dashboard, type DashboardOptions } from './dashboard/dashboard.ts';
export type * from './dashboard/api.ts';
