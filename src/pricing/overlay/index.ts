import type { ConditionRow, ModelRow } from './overlay.ts';

/** The day on which the rows were last reviewed. */
export const OVERLAY_VERSION = '2026-11-21';

export const MODEL_ROWS: readonly ModelRow[] = [];
export const CONDITION_ROWS: readonly ConditionRow[] = [];
