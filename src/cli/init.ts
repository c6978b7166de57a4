import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { writeWhole } from '../reports/whole-file.ts';
import type { CliOutput } from './command.ts';
import type { Change } from './init/change.ts';
import { planSetUp } from './init/plan.ts';
import { showChange } from './init/show-change.ts';
import { type Project, readProject } from './project/project.ts';

interface InitOptions {
  readonly cwd: string;
  readonly yes?: true;
  readonly json?: true;
}

/** `costspan init`: shows the set-up it would write into an application, writes it with `--yes`, says how to undo it. */
export function initCommand({ stdout }: CliOutput): Command {
  return new Command('init')
    .description('shows the changes that set an application up; makes them with --yes')
    .addHelpText('after', '\nExamples:\n  costspan init\n  costspan init --yes\n')
    .option('--cwd <folder>', 'the folder of the application', '.')
    .option('--yes', 'makes the changes')
    .option('--json', 'the changes as JSON')
    .action((options: InitOptions) => {
      const project = readProject(resolve(options.cwd));
      const { changes, byHand } = planSetUp(project);
      if (options.yes === true)
        for (const { path, after } of changes) writeWhole(join(project.folder, path), after);
      if (options.json === true) {
        stdout.write(`${JSON.stringify({ made: options.yes === true, changes, byHand }, null, 2)}\n`);
        return;
      }
      const parts = [
        found(project),
        ...changes.map(showChange),
        ...byHand.map((step) => `By hand: ${step}`),
        closing(project, changes, options.yes === true),
      ];
      stdout.write(`${parts.join('\n\n')}\n`);
    });
}

function found({ manager, format, typescript, framework, packages }: Project): string {
  const kinds = [
    framework === 'next' ? 'Next.js' : framework === 'nest' ? 'NestJS' : undefined,
    typescript ? 'TypeScript' : undefined,
    format === 'esm' ? 'ES modules' : 'CommonJS',
    manager,
  ];
  const names = packages.map(({ name, version }) => (version === undefined ? name : `${name} ${version}`));
  return `Found: ${kinds.filter(Boolean).join(', ')}${names.length === 0 ? '' : `; ${names.join(', ')}`}.`;
}

function closing(project: Project, changes: readonly Change[], made: boolean): string {
  const lines: string[] = [];
  if (changes.length === 0) lines.push('Nothing to change.');
  else if (made) lines.push(`Written. To undo: ${undo(changes)}`);
  else lines.push('Nothing was written. To make these changes: costspan init --yes');
  if (!project.packages.some(({ kind, version }) => kind === 'costspan' && version !== undefined))
    lines.push(`Then: ${project.manager === 'npm' ? 'npm install' : `${project.manager} add`} costspan`);
  lines.push('To see whether it works: costspan doctor -- <what starts your application>');
  return lines.join('\n');
}

function undo(changes: readonly Change[]): string {
  const created = changes.filter(({ before }) => before === undefined).map(({ path }) => path);
  const changed = changes.filter(({ before }) => before !== undefined).map(({ path }) => path);
  return [
    created.length === 0 ? undefined : `rm ${created.join(' ')}`,
    changed.length === 0 ? undefined : `git checkout -- ${changed.join(' ')}`,
  ]
    .filter(Boolean)
    .join(' && ');
}
