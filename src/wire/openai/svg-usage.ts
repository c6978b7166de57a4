import { object, text } from '../../base/read.ts';
import type { UsageIteration } from '../../usage/usage.ts';
import { readUsage } from './usage.ts';

/** An SVG is drawn by a text model of its own, counted beside the image. */
export function svgIteration(raw: unknown): UsageIteration | undefined {
  const block = object(raw);
  const model = text(block?.model);
  const usage = readUsage(block, { provider: 'openai', model });
  if (usage === undefined) return undefined;
  return { type: 'svg_usage', ...(model === undefined ? {} : { model }), usage };
}
