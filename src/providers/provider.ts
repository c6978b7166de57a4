/** Who answers model calls: everything this project knows about one provider, as data. */
export interface Provider {
  /** OTel's well-known provider name where one exists, else the owner of its host. */
  readonly name: string;
  /**
   * Where its API answers: a domain with all below it (`mistral.ai`), or an expression for host names. The longest
   * domain wins, then the first expression. None for software that runs wherever it is installed.
   */
  readonly hosts?: readonly (string | RegExp)[];
  /** A port on this machine that is known to be its own: Ollama's `11434`. */
  readonly localPort?: number;
  /** Hosts that are its own without being the API; nothing of ours is sent there either. */
  readonly protects?: readonly (string | RegExp)[];
  /** Addresses as applications use them; tests check that each is recognised and never sent a customer. */
  readonly examples?: readonly string[];
  /** Other names that instrumentations and gateways use for it. */
  readonly spellings?: readonly string[];
  /** Its ids in the price catalogue, in the order in which they are asked; the first is its own. Default: its name. */
  readonly catalogueIds?: readonly string[];
  /**
   * The wires that it speaks, by name; its own first. Default: OpenAI's, Anthropic's and Gemini's, which many hosts
   * copy.
   */
  readonly wires?: readonly string[];
  /**
   * A streamed chat may carry `stream_options.include_usage` that the application did not send. Never for a host that
   * refuses fields it does not know or sends the usage unasked.
   */
  readonly includeUsage?: boolean;
  /** What its usage blocks leave out of `completion_tokens`, on OpenAI's wire. */
  readonly countsOutside?: OutsideCounts;
  /** Where a usage block says what the call costs, at the hosts whose figure is the bill. */
  readonly reportsCost?: CostField;
}

/**
 * `thoughts`: in the total alone. `reasoning and citations`: billed beside the completion. `reasoning of google/`: of
 * Gemini's models, in neither completion nor total, and billed.
 */
export type OutsideCounts = 'thoughts' | 'reasoning and citations' | 'reasoning of google/';

/**
 * `cost`: US dollars, and the gateway's fee alone where `is_byok` (own key) is set.
 * `cost.total_cost`: with its currency beside it. `cost_in_usd_ticks`: a tick is 1e-10 US dollars.
 */
export type CostField = 'cost' | 'cost.total_cost' | 'cost_in_usd_ticks';
