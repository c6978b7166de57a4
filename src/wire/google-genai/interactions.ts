import { count, type JsonObject, known, list, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { countCharacters } from '../characters.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, StreamReader } from '../reading.ts';
import { groundingUsage } from './grounding.ts';
import { overlaid, readingOf } from '../usage-block.ts';
import { byModality } from './usage.ts';

/** An interaction, created or read again; in the background it is a receipt until it ends. */
export function readInteraction(body: unknown): Reading {
  const interaction = object(body) ?? {};
  const raw = object(interaction.usage);
  const model = text(interaction.model) ?? text(interaction.agent);
  const block = readingOf(interaction.usage, readInteractionUsage(raw, model));
  const status = text(interaction.status);
  return known({
    responseId: text(interaction.id),
    responseModel: model,
    ...block,
    serviceTier: text(interaction.service_tier),
    finishReasons: status === undefined ? undefined : [status],
    pending: block.usageRaw === undefined && status === 'in_progress' ? true : undefined,
    background: interaction.background === true ? true : undefined,
    errorType: errorTypeOf(interaction.error),
    outputCharacters: countCharacters(interaction.outputs ?? interaction.steps),
  });
}

/** The interaction stands on its first and last events; only `interaction.completed` has the usage. */
export function createInteractionStreamReader(): StreamReader {
  let latest: JsonObject = {};
  let errorType: string | undefined;
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = object(event) ?? {};
      const { usage, ...rest } = object(fields.interaction) ?? {};
      const block = object(usage);
      latest = { ...latest, ...rest, ...(block && { usage: overlaid(object(latest.usage), block) }) };
      outputCharacters += countCharacters(fields.delta);
      errorType ??= errorTypeOf(fields.error);
    },
    reading() {
      // An open stream is no receipt, unless the work goes on without it.
      const { pending, ...reading } = readInteraction(latest);
      return known({
        ...reading,
        pending: latest.background === true ? pending : undefined,
        errorType: reading.errorType ?? errorType,
        outputCharacters,
      });
    },
  };
}

function readInteractionUsage(block: JsonObject | undefined, model: string | undefined): Usage | undefined {
  const input = count(block?.total_input_tokens);
  const output = count(block?.total_output_tokens);
  if (block === undefined || (input === undefined && output === undefined)) return undefined;
  const thoughts = count(block.total_thought_tokens);
  const toolUse = count(block.total_tool_use_tokens);
  const inputs = byModality(block.input_tokens_by_modality);
  const outputs = byModality(block.output_tokens_by_modality);
  // Beside, not inside: input 9 + output 13 + thoughts 189 = total 211.
  const inputTokens = (input ?? 0) + (toolUse ?? 0);
  const outputTokens = (output ?? 0) + (thoughts ?? 0);
  const searches = list(block.grounding_tool_count).map((item) => {
    const tool = object(item);
    return text(tool?.type)?.includes('search') ? (count(tool?.count) ?? 0) : 0;
  });
  return known({
    inputTokens,
    cacheReadTokens: count(block.total_cached_tokens),
    inputTextTokens: inputs.TEXT,
    inputAudioTokens: inputs.AUDIO,
    inputImageTokens: inputs.IMAGE,
    inputVideoTokens: inputs.VIDEO,
    toolUseInputTokens: toolUse,
    outputTokens,
    reasoningTokens: thoughts,
    outputTextTokens: outputs.TEXT,
    outputAudioTokens: outputs.AUDIO,
    outputImageTokens: outputs.IMAGE,
    totalTokens: inputTokens + outputTokens,
    ...groundingUsage(
      searches.reduce((sum, number) => sum + number, 0),
      model,
    ),
  });
}
