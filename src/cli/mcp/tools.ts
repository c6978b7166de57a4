import { budgetsTool } from './budgets-tool.ts';
import { eventsTool } from './events-tool.ts';
import { explainTool } from './explain-tool.ts';
import { pricesTool } from './prices-tool.ts';
import { reportTool } from './report-tool.ts';
import type { Tool } from './tool.ts';

/** Every tool, in the order an assistant sees them. A new one is one file and one line here. */
export const TOOLS: readonly Tool[] = [reportTool, eventsTool, explainTool, budgetsTool, pricesTool];
