import type { Project } from '../project/project.ts';
import { type Change, contentOf, type Step } from './change.ts';
import { nextConfig, nextInstrumentation } from './next.ts';

export interface Plan {
  readonly changes: readonly Change[];
  /** What a person must do, because a file is not ours to rewrite. */
  readonly byHand: readonly string[];
}

/** What makes an application's calls recorded: the set-up, its place before everything else, a ledger git ignores. */
export function planSetUp(project: Project): Plan {
  const steps =
    project.framework === 'next'
      ? [nextInstrumentation(project), nextConfig(project)]
      : [telemetry(project), startScripts(project)];
  const all = [...steps, gitignore(project)];
  return {
    changes: all.flatMap((step) => (typeof step === 'object' && step.after !== step.before ? [step] : [])),
    byHand: all.flatMap((step) => (typeof step === 'string' ? [step] : [])),
  };
}

const SET_UP = `// Loaded before the application: node --import ./telemetry
IMPORTS
startCostspan({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB || 'costs.db' })] });
`;

function telemetryFile({ format }: Project): string {
  return format === 'esm' ? 'telemetry.js' : 'telemetry.cjs';
}

function telemetry(project: Project): Step {
  const path = telemetryFile(project);
  const before = contentOf(project, path);
  if (before?.includes('costspan') === true) return undefined;
  if (before !== undefined) return `${path} exists already. Add to it: ${SET_UP.split('\n')[2] ?? ''}`;
  const imports =
    project.format === 'esm'
      ? "import { startCostspan } from 'costspan';\nimport { SqliteLedger } from 'costspan/sqlite';\n"
      : "const { startCostspan } = require('costspan');\nconst { SqliteLedger } = require('costspan/sqlite');\n";
  return { path, after: SET_UP.replace('./telemetry', `./${path}`).replace('IMPORTS', imports) };
}

const STARTS_NODE = /((?:^|&& |\s)(?:node|tsx(?: watch)?)) /;

/** `node app.js` → `node --import ./telemetry.js app.js`, in the scripts that start the application. */
function startScripts(project: Project): Step {
  const flag = `--import ./${telemetryFile(project)}`;
  const before = contentOf(project, 'package.json') ?? '';
  let after = before;
  let found = false;
  for (const [name, command] of Object.entries(project.scripts)) {
    if (!/^(start|dev|serve)(:|$)/.test(name)) continue;
    found ||= command.includes('./telemetry.');
    if (command.includes('./telemetry.') || !STARTS_NODE.test(command)) continue;
    found = true;
    const changed = command.replace(STARTS_NODE, `$1 ${flag} `);
    after = after.replace(JSON.stringify(command), () => JSON.stringify(changed));
  }
  return found
    ? { path: 'package.json', before, after }
    : `No script starts the application with node. Start it with: node ${flag} <your app>, or set NODE_OPTIONS="${flag}".`;
}

function gitignore(project: Project): Step {
  const before = contentOf(project, '.gitignore');
  if (before !== undefined && /^(\*\.db|costs\.db)/m.test(before)) return undefined;
  const gap = before === undefined || before === '' || before.endsWith('\n') ? '' : '\n';
  const after = `${before ?? ''}${gap}costs.db*\n`;
  return before === undefined ? { path: '.gitignore', after } : { path: '.gitignore', before, after };
}
