import { aicostmanager } from './aicostmanager.ts';
import { cmdrdata } from './cmdrdata.ts';
import type { ImportSource } from './imported-call.ts';
import { langfuse } from './langfuse.ts';
import { litellm } from './litellm.ts';
import { llmcosts } from './llmcosts.ts';

/** Every tool whose data is read; the first whose row it is reads it. */
export const SOURCES: readonly ImportSource[] = [litellm, langfuse, aicostmanager, llmcosts, cmdrdata];
