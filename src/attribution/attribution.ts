/** For whom a call is made, and in which context. Read once, when the call is made. */
export interface Attribution {
  /** The customer who is billed; `null` = explicitly nobody; absent = nobody said (unattributed). */
  readonly customer?: string | null;
  /** What the call was for: `{ feature: 'chat', project: 'support_bot' }`. */
  readonly context: AttributionContext;
  /** Where the customer came from; absent when nobody said. */
  readonly source?: AttributionSource;
  /** `false` inside `withoutTracking`: no event. */
  readonly tracked: boolean;
  /** `false`: callbacks hear of the event, ledgers do not keep it. */
  readonly persist: boolean;
}

/** `span`: an attribute of another instrumentation's span. */
export type AttributionSource = 'scope' | 'baggage' | 'inbound' | 'span' | 'resolver' | 'default';

/** What a context entry holds: JSON, deeply frozen. */
export type ContextValue =
  | string
  | number
  | boolean
  | null
  | readonly ContextValue[]
  | { readonly [key: string]: ContextValue };

/** Context as it is kept: a copy of what the application gave, in values that survive JSON. */
export type AttributionContext = { readonly [key: string]: ContextValue };

/**
 * Context as an application gives it: an object with an entry per name, of any type or interface. Dates and BigInts
 * are kept as text, nested objects and lists as they are. What has no JSON form (a Map, an Error, a Promise, a
 * function) is left out. `undefined` removes the entry that an outer scope set; `null` is a value.
 */
export type ContextInput = object;

/** A customer as an application names it. Numbers and BigInts are kept as text. */
export type CustomerInput = string | number | bigint | null | undefined;

/** Nobody said anything. */
export const UNATTRIBUTED: Attribution = Object.freeze({
  context: Object.freeze({}),
  tracked: true,
  persist: true,
});

/** Takes out of an attribution what must not be shown. */
export type Redactor = (attribution: Attribution) => Attribution;
