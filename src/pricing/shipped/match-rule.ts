import type { CatalogueMatch, CatalogueModel } from './catalogue.ts';
import { isBuildSuffix } from './model-id.ts';

/** How sure a match is: whole ids before patterns before prefixes. */
const STRENGTH = { equals: 3, regex: 2, part: 1 } as const;

interface Match {
  readonly strength: number;
  /** Characters of the id that the rule names; a longer name is a closer one. */
  readonly length: number;
}

/**
 * The one model of the catalogue that an id means, or undefined when none does or several could.
 *
 * The catalogue's `starts_with` and `contains` rules also catch a model's siblings (`gemini-3.6-flash-lite`,
 * `titan-embed-text-v2`): such a rule counts only when what it leaves over is a build, not a name.
 */
export function matchingModel(models: readonly CatalogueModel[], id: string): CatalogueModel | undefined {
  let best: { readonly model: CatalogueModel; readonly match: Match } | undefined;
  let ambiguous = false;
  for (const model of models) {
    const match = matchRule(model.match, id, model.id);
    if (match === undefined) continue;
    const order = best === undefined ? 1 : compareMatches(match, best.match);
    if (order > 0) {
      best = { model, match };
      ambiguous = false;
    } else if (order === 0) ambiguous = true;
  }
  return ambiguous ? undefined : best?.model;
}

function compareMatches(a: Match, b: Match): number {
  return a.strength - b.strength || a.length - b.length;
}

function matchRule(rule: CatalogueMatch, id: string, modelId: string): Match | undefined {
  if ('or' in rule) return best(rule.or.map((inner) => matchRule(inner, id, modelId)));
  if ('and' in rule) {
    const matches = rule.and.map((inner) => matchRule(inner, id, modelId));
    return matches.includes(undefined) ? undefined : weakest(matches);
  }
  if ('equals' in rule)
    return same(rule.equals, id) ? { strength: STRENGTH.equals, length: id.length } : undefined;
  if ('regex' in rule) {
    return new RegExp(rule.regex).test(id) ? { strength: STRENGTH.regex, length: id.length } : undefined;
  }
  if ('starts_with' in rule) return matchPart(rule.starts_with, id, modelId, (at) => at === 0);
  if ('ends_with' in rule) return matchPart(rule.ends_with, id, modelId, () => id.endsWith(rule.ends_with));
  return matchPart(rule.contains, id, modelId, () => true);
}

function matchPart(
  part: string,
  id: string,
  modelId: string,
  isPlace: (at: number) => boolean,
): Match | undefined {
  const name = part.toLowerCase();
  const at = id.indexOf(name);
  if (at === -1 || !isPlace(at) || !isBoundary(id, at)) return undefined;
  const suffix = suffixOf(id, at + name.length);
  if (!isBuildSuffix(suffix) || contradictsVersion(suffix, modelId)) return undefined;
  return { strength: STRENGTH.part, length: name.length };
}

/** What a rule leaves over, from the separator on: rules stop in the middle of a date (`claude-sonnet-4-2025`). */
function suffixOf(id: string, end: number): string {
  if (!/^[\da-z]/.test(id.slice(end))) return id.slice(end);
  const separator = Math.max(...['-', '@', ':'].map((mark) => id.lastIndexOf(mark, end - 1)));
  return id.slice(separator === -1 ? end : separator);
}

/** What stands before must be a prefix of its own: `us.anthropic.`, `publishers/…/`, not half a word. */
function isBoundary(id: string, at: number): boolean {
  return at === 0 || /[./@]/.test(id[at - 1] ?? '');
}

/** `-v2` is another model than the catalogue's `…-v1:0`. */
function contradictsVersion(suffix: string, modelId: string): boolean {
  const given = /-v(\d+)/.exec(suffix)?.[1];
  const known = /-v(\d+)(?::\d+)?$/.exec(modelId)?.[1];
  return given !== undefined && given !== (known ?? '1');
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b;
}

function best(matches: readonly (Match | undefined)[]): Match | undefined {
  let result: Match | undefined;
  for (const match of matches) {
    if (match !== undefined && (result === undefined || compareMatches(match, result) > 0)) result = match;
  }
  return result;
}

function weakest(matches: readonly (Match | undefined)[]): Match | undefined {
  let result: Match | undefined;
  for (const match of matches) {
    if (match !== undefined && (result === undefined || compareMatches(match, result) < 0)) result = match;
  }
  return result;
}
