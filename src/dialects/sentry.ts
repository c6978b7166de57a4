import { text } from '../base/read.ts';
import type { Dialect, Layer } from './dialect.ts';
import { readGenAi } from './gen-ai.ts';
import type { OtherRole } from './span.ts';

/** Sentry's AI monitoring: the conventions, and `sentry.op` for what a span is. */
export const sentry: Dialect = {
  name: 'sentry',
  read: (span) => {
    const op = text(span.attributes['sentry.op']);
    if (op === undefined || !/^(?:gen_ai|mcp)\./.test(op)) return undefined;
    const role = op.startsWith('mcp.') ? 'tool' : ROLES[op];
    if (role !== undefined) return { role };
    const origin = text(span.attributes['sentry.origin']) ?? '';
    const layer: Layer = SDK_ORIGIN.test(origin) ? 'wire' : 'framework';
    return readGenAi(span, { role: 'call', layer });
  },
};

const ROLES: Readonly<Record<string, OtherRole>> = {
  'gen_ai.invoke_agent': 'agent',
  'gen_ai.create_agent': 'agent',
  'gen_ai.execute_tool': 'tool',
  'gen_ai.handoff': 'group',
  'gen_ai.pipeline': 'group',
};

/** `auto.ai.openai` and its like are made around the SDK; the others by a framework's hooks. */
const SDK_ORIGIN = /openai|anthropic|google|mistral|bedrock/;
