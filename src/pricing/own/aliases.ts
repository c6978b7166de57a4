import { known } from '../../base/read.ts';
import { canonicalProvider } from '../../providers/spelling.ts';
import type { PriceQuery } from '../price.ts';
import { namesIt } from './price-file-match.ts';
import type { UserAlias } from './price-file.ts';

/**
 * The query with what its aliases know. An alias may lead to another one; each is followed once, so that a pattern
 * may lead to a name that it covers.
 */
export function followAliases(query: PriceQuery, aliases: readonly UserAlias[]): PriceQuery {
  let [current, left] = [query, aliases];
  for (;;) {
    const alias = bestFor(current, left);
    if (alias === undefined) return current;
    const { is, isProvider, deploymentType, region } = alias;
    current = {
      ...current,
      ...known({
        provider: isProvider,
        requestModel: is,
        responseModel: is,
        deploymentType: current.deploymentType ?? deploymentType,
        region: current.region ?? region,
      }),
    };
    left = left.filter((each) => each !== alias);
  }
}

/** The alias with the whole name before the one with the longest beginning. */
function bestFor(query: PriceQuery, aliases: readonly UserAlias[]): UserAlias | undefined {
  const provider = canonicalProvider(query.provider);
  let best: UserAlias | undefined;
  for (const alias of aliases) {
    if (canonicalProvider(alias.provider) !== provider || !names(alias.model, query)) continue;
    if (best === undefined || rank(alias.model) > rank(best.model)) best = alias;
  }
  return best;
}

function names(pattern: string, { requestModel, responseModel }: PriceQuery): boolean {
  return [requestModel, responseModel].some((name) => name !== undefined && namesIt(pattern, name));
}

function rank(pattern: string): number {
  return pattern.endsWith('*') ? pattern.length : Infinity;
}
