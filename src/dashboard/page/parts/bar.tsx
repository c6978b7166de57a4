import type { VNode } from 'preact';
import { chosenZone } from '../data/zone.ts';
import { linkTo, type Route } from '../route.ts';
import { ZoneChoice } from './zone-choice.tsx';

const SCREENS = [
  ['overview', 'Overview'],
  ['customers', 'Customers', 'customer'],
  ['models', 'Models', 'model'],
  ['budgets', 'Budgets', 'budget'],
  ['delivery', 'Delivery'],
  ['events', 'Events'],
] as const;

/** The way to every screen, and the time zone of all of them. */
export function Bar({
  route,
  zone,
}: {
  readonly route: Route;
  /** The time zone of all figures, once it is known. */
  readonly zone: string | undefined;
}): VNode {
  return (
    <header class="bar">
      <div class="bar-inside">
        <a class="brand" href="#/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="#4338ca" />
            <path
              d="M8 23V15M13.3 23V9M18.7 23v-6M24 23V12"
              stroke="#fff"
              stroke-width="3"
              stroke-linecap="round"
            />
          </svg>
          Costspan
        </a>
        <nav class="screens" aria-label="Screens">
          {SCREENS.map(([screen, title, single]) => (
            <a
              key={screen}
              href={linkTo(screen)}
              aria-current={route.screen === screen || route.screen === single ? 'page' : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
        <ZoneChoice zone={zone ?? chosenZone() ?? 'UTC'} />
      </div>
    </header>
  );
}
