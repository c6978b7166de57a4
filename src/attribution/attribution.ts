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

export type AttributionSource = 'scope' | 'baggage' | 'inbound' | 'resolver' | 'default';

/** What a context entry may hold. Dates and BigInts are kept as text, nested objects as they are. */
export type ContextValue =
  | string
  | number
  | boolean
  | bigint
  | Date
  | null
  | readonly ContextValue[]
  | { readonly [key: string]: ContextValue };

export type AttributionContext = { readonly [key: string]: ContextValue };

/** Nobody said anything. */
export const UNATTRIBUTED: Attribution = Object.freeze({
  context: Object.freeze({}),
  tracked: true,
  persist: true,
});
