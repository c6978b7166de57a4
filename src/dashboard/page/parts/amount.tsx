import type { VNode } from 'preact';
import type { Amount as Decimal } from '../../api.ts';
import { formatMoney } from '../format/money.ts';

/** An amount, rounded to be read; whole in its tooltip and in the page's text for programs (`data`'s value). */
export function Amount({
  amount,
  currency,
  places,
  filter,
}: {
  readonly amount: Decimal | null | undefined;
  readonly currency: string;
  readonly places?: number | undefined;
  /** The events behind it. */
  readonly filter?: string | undefined;
}): VNode {
  if (amount === null || amount === undefined) return <Linked filter={filter}>unknown</Linked>;
  return (
    <Linked filter={filter}>
      <data value={amount} title={`${currency} ${amount}, exactly`}>
        {formatMoney(amount, currency, places)}
      </data>
    </Linked>
  );
}

/** Whatever it holds, as a link to the events behind it. */
export function Linked({
  filter,
  children,
}: {
  readonly filter?: string | undefined;
  readonly children: preact.ComponentChildren;
}): VNode {
  return filter === undefined ? <>{children}</> : <a href={`#/events?${filter}`}>{children}</a>;
}
