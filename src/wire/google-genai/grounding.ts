import { list, object, text } from '../../base/read.ts';
import type { JsonObject } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';

/** What grounded an answer, collected over the chunks of a stream. */
export class Grounding {
  readonly #queries = new Set<string>();
  #usedMaps = false;

  add(candidates: readonly JsonObject[]): this {
    for (const candidate of candidates) {
      const metadata = object(candidate.groundingMetadata);
      if (metadata === undefined) continue;
      // Each search once; empty ones are not billed.
      for (const query of list(metadata.webSearchQueries)) {
        const said = text(query);
        if (said !== undefined) this.#queries.add(said);
      }
      this.#usedMaps ||= list(metadata.groundingChunks).some(
        (chunk) => object(object(chunk)?.maps) !== undefined,
      );
    }
    return this;
  }

  usage(model: string | undefined): Usage {
    const searches = groundingUsage(this.#queries.size, model);
    return this.#usedMaps ? { ...searches, mapsGroundedPrompts: 1 } : searches;
  }
}

/**
 * Grounding with Google Search: up to Gemini 2.5 a grounded prompt is billed once however many searches it took,
 * from Gemini 3 on each search is billed (https://ai.google.dev/gemini-api/docs/pricing). A prompt grounded with
 * Google Maps has a fee of its own.
 */
export function groundingUsage(queries: number, model: string | undefined): Usage {
  if (queries === 0) return {};
  const generation = Number(/gemini-(\d+)/.exec(model ?? '')?.[1] ?? Number.NaN);
  return generation < 3 ? { groundedPrompts: 1 } : { searchQueries: queries };
}
