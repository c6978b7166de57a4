import type { VNode } from 'preact';

const TELEMETRY = [
  "import { startCostspan } from 'costspan';",
  "import { SqliteLedger } from 'costspan/sqlite';",
  '',
  "startCostspan({ sinks: [new SqliteLedger({ path: 'costs.db' })] });",
].join('\n');

/** What to do when there is nothing to see yet. */
export function EmptyLedger(): VNode {
  return (
    <section class="card" aria-label="No events yet">
      <h1>No events yet</h1>
      <p>
        This ledger is there, and nothing has been written to it. The page shows the first call as soon as it
        is made.
      </p>
      <ol class="steps">
        <li>
          Set the application up: <code>npx costspan init</code> does it, or write <code>telemetry.js</code>{' '}
          yourself:
          <pre>{TELEMETRY}</pre>
        </li>
        <li>
          Start it with that file before everything else, and make a call:
          <pre>node --import ./telemetry.js app.js</pre>
        </li>
        <li>
          Still nothing? This says what stands in the way:
          <pre>npx costspan doctor -- node --import ./telemetry.js app.js</pre>
        </li>
      </ol>
    </section>
  );
}
