import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Meta } from '../api.ts';
import { addressOf } from './data/address.ts';
import { MetaContext } from './data/meta.ts';
import { useAnswer } from './data/use-answer.ts';
import { useRoute } from './data/use-route.ts';
import { Bar } from './parts/bar.tsx';
import { Foot } from './parts/foot.tsx';
import { Problem, Waiting } from './parts/waiting.tsx';
import type { Route } from './route.ts';
import { EmptyLedger } from './screens/empty-ledger.tsx';
import { SCREENS } from './screens/screens.tsx';

const META = addressOf('meta');
/** An empty ledger is watched for its first event. */
const EMPTY_MS = 3_000;
const USUAL_MS = 30_000;

/** The page: its bar, one screen, and what all figures have in common. */
export function App(): VNode {
  const route = useRoute();
  const [everyMs, setEveryMs] = useState(USUAL_MS);
  const asked = useAnswer<Meta>(META, everyMs);
  const { answer: meta, problem } = asked;
  useEffect(() => setEveryMs(meta?.is_empty === true ? EMPTY_MS : USUAL_MS), [meta?.is_empty]);
  useAnnouncement(route);
  return (
    <>
      <a class="skip" href="#main" onClick={focusMain}>
        Skip to the figures
      </a>
      <Bar route={route} zone={meta?.time_zone} />
      <main id="main" tabIndex={-1}>
        {meta === undefined ? (
          <Waiting asked={asked} />
        ) : (
          <MetaContext.Provider value={meta}>
            {problem !== undefined && <Problem text={problem} />}
            {meta.is_empty ? <EmptyLedger /> : <Screen route={route} />}
          </MetaContext.Provider>
        )}
      </main>
      {meta !== undefined && <Foot meta={meta} />}
    </>
  );
}

function Screen({ route }: { readonly route: Route }): VNode {
  const found = SCREENS[route.screen];
  if (found === undefined) {
    return (
      <p class="problem" role="alert">
        There is no screen “{route.screen}”. <a href="#/">Overview</a>
      </p>
    );
  }
  // A screen of its own per subject: nothing of one customer is ever shown for another.
  return <found.Screen key={`${route.screen} ${route.name ?? ''}`} route={route} />;
}

/** The title says where one is, and a screen reader hears it: focus goes to the screen that was opened. */
function useAnnouncement({ screen, name }: Route): void {
  const first = useRef(true);
  useEffect(() => {
    document.title = `${name ?? SCREENS[screen]?.title ?? 'Not found'} · Costspan`;
    if (!first.current) {
      document.getElementById('main')?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    first.current = false;
  }, [screen, name]);
}

function focusMain(event: MouseEvent): void {
  // The address says which screen is open; it does not change.
  event.preventDefault();
  document.getElementById('main')?.focus();
}
