import { ANTHROPIC_CONDITIONS, ANTHROPIC_MODELS } from './anthropic.ts';
import { BEDROCK_CONDITIONS, BEDROCK_MODELS } from './bedrock.ts';
import { DEEPSEEK_CONDITIONS, DEEPSEEK_MODELS } from './deepseek.ts';
import { GOOGLE_CONDITIONS, GOOGLE_MODELS } from './google.ts';
import { OPENAI_CONDITIONS, OPENAI_MODELS } from './openai.ts';
import { OTHER_CONDITIONS, OTHER_MODELS } from './others.ts';
import type { ConditionRow, ModelRow } from './overlay.ts';

/** The day of the newest row. */
export const OVERLAY_VERSION = '2026-11-30';

/** The day on which every row of that day was held against its source. */
export const OVERLAY_REVIEWED = '2026-11-21';

/** A provider's own rows come before the ones for several hosts. */
export const MODEL_ROWS: readonly ModelRow[] = [
  ...ANTHROPIC_MODELS,
  ...OPENAI_MODELS,
  ...GOOGLE_MODELS,
  ...BEDROCK_MODELS,
  ...DEEPSEEK_MODELS,
  ...OTHER_MODELS,
];

export const CONDITION_ROWS: readonly ConditionRow[] = [
  ...ANTHROPIC_CONDITIONS,
  ...OPENAI_CONDITIONS,
  ...GOOGLE_CONDITIONS,
  ...BEDROCK_CONDITIONS,
  ...DEEPSEEK_CONDITIONS,
  ...OTHER_CONDITIONS,
];
