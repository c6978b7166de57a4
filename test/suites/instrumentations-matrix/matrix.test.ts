import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/** What `run.ts` prints: figures as `[input, output]`. */
interface Result {
  readonly billed: readonly (readonly [number, number | null])[];
  readonly events: readonly {
    readonly usage: readonly [number, number | null];
    readonly usageSource: string;
    readonly customer: string | null;
  }[];
  /** Spans of MCP that ended. */
  readonly toolSpans: number;
  readonly suppressed: Readonly<Record<string, number>>;
}

const FOLDER = import.meta.dirname;

async function run(framework: string, ours: string, beside: string): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, ['run.ts', framework, ours, beside], {
    cwd: FOLDER,
  });
  const result = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (result === undefined) throw new Error(`no result: ${stdout}`);
  return JSON.parse(result) as Result;
}

const figures = (list: readonly (readonly [number, number | null])[]): string[] =>
  list.map(String).toSorted();

const LANGCHAIN = ['langchain-openai', 'langchain-anthropic', 'langgraph'] as const;

/** Frameworks over SDKs that ours patch, each alone and with every other instrumentation that patches the same. */
const WITH_OURS: readonly (readonly [framework: string, beside: string])[] = [
  ...LANGCHAIN.flatMap((framework) =>
    ['none', 'openllmetry', 'openinference', 'langfuse'].map((beside) => [framework, beside] as const),
  ),
  ['langchain-openai', 'contrib'],
  ['langgraph', 'contrib'],
  ...['none', 'openllmetry', 'openinference', 'contrib'].map((beside) => ['openai-agents', beside] as const),
  ['langchain-google', 'none'],
  ['langchain-google', 'openinference'],
  ['llamaindex', 'none'],
  ['llamaindex', 'openllmetry'],
  ['llamaindex', 'openinference'],
  ['llamaindex', 'contrib'],
  ['mastra', 'none'],
  ['ai-sdk', 'none'],
  ['mcp', 'none'],
  ['mcp', 'openllmetry'],
];

/** The net alone: nothing of the SDKs is patched. */
const WITH_NET: typeof WITH_OURS = [
  ['langchain-openai', 'openinference'],
  ['langchain-anthropic', 'langfuse'],
  ['langchain-google', 'openinference'],
  ['langgraph', 'openllmetry'],
  ['openai-agents', 'contrib'],
  ['llamaindex', 'openinference'],
  ['mastra', 'none'],
  ['ai-sdk', 'none'],
];

describe.each([
  ['with ours', 'ours', WITH_OURS],
  ['with the net alone', 'net', WITH_NET],
] as const)('%s, each call is billed once, exactly, and to its customer', (_, ours, rows) => {
  test.each(rows)('%s beside %s', async (framework, beside) => {
    const { billed, events, toolSpans } = await run(framework, ours, beside);
    if (framework === 'mcp') expect(toolSpans).toBeGreaterThan(0);
    expect(figures(events.map(({ usage }) => usage))).toEqual(figures(billed));
    expect(events.every(({ usageSource }) => usageSource === 'provider')).toBe(true);
    expect(new Set(events.map(({ customer }) => customer))).toEqual(new Set(['acme']));
  });
});

/**
 * Without ours events are as good as the spans. `wrong`: the call is there once, and its spans have other figures:
 * Traceloop's LangChain writes Anthropic's own input, without the cached tokens; `@langchain/anthropic` adds a
 * placeholder of 3 to the output of streams; `@langchain/google-genai` leaves out thoughts; Traceloop writes no usage for
 * streams of the Agents SDK, and nobody asks for the usage of LlamaIndex's streams.
 */
const WITHOUT_OURS: readonly (readonly [framework: string, beside: string, figures: 'exact' | 'wrong'])[] = [
  ['langchain-openai', 'openllmetry', 'exact'],
  ['langchain-openai', 'openinference', 'exact'],
  ['langchain-openai', 'contrib', 'exact'],
  ['langchain-openai', 'langfuse', 'exact'],
  ['langchain-anthropic', 'openllmetry', 'wrong'],
  ['langchain-anthropic', 'openinference', 'wrong'],
  ['langchain-google', 'openinference', 'wrong'],
  ['langgraph', 'openllmetry', 'exact'],
  ['langgraph', 'openinference', 'exact'],
  ['openai-agents', 'openllmetry', 'wrong'],
  ['openai-agents', 'openinference', 'exact'],
  ['openai-agents', 'contrib', 'exact'],
  ['ai-sdk', 'none', 'exact'],
  ['mastra', 'none', 'exact'],
  ['llamaindex', 'openllmetry', 'wrong'],
  ['llamaindex', 'openinference', 'wrong'],
  ['llamaindex', 'contrib', 'wrong'],
  ['mcp', 'openllmetry', 'exact'],
];

describe('without ours, each call that others see is billed once', () => {
  test.each(WITHOUT_OURS)('%s under %s (figures: %s)', async (framework, beside, figuresAre) => {
    const { billed, events } = await run(framework, 'none', beside);
    expect(events).toHaveLength(billed.length);
    if (figuresAre === 'exact') expect(figures(events.map(({ usage }) => usage))).toEqual(figures(billed));
  });
});
