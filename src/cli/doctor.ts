import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { argument, type CliOutput, parseCount } from './command.ts';
import { type Finding, problem } from './doctor/finding.ts';
import { inspectProject } from './doctor/inspect-project.ts';
import { judgeRun } from './doctor/judge-run.ts';
import { type ApplicationRun, runApplication } from './doctor/run-application.ts';
import { readProject } from './project/project.ts';

interface DoctorOptions {
  readonly cwd: string;
  readonly for?: number;
  readonly json?: true;
}

/** `costspan doctor [-- node app.js]`: why calls are not recorded, each reason with its fix; exit code 1 if there is one. */
export function doctorCommand(output: CliOutput): Command {
  return new Command('doctor')
    .description(
      'why calls are not recorded, and what to do; with a command, runs the application and looks on',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  costspan doctor\n  costspan doctor --json -- node --import ./telemetry.js app.js\n',
    )
    .argument(
      '[command...]',
      'starts the application: costspan doctor -- node --import ./telemetry.js app.js',
    )
    .option('--cwd <folder>', 'the folder of the application', '.')
    .addOption(
      new Option('--for <seconds>', 'ends the application after so long, for servers').argParser(
        argument(parseCount),
      ),
    )
    .option('--json', 'the findings as JSON')
    .action(async (command: readonly string[], options: DoctorOptions) => {
      const project = readProject(resolve(options.cwd));
      const run =
        command.length === 0 ? undefined : await runApplication(command, project.folder, options.for, output);
      const findings = [
        ...inspectProject(project, process.env, new Date()),
        ...(run === undefined ? [] : findingsOf(run, options.for)),
      ];
      const ok = !findings.some(({ level }) => level === 'problem');
      output.stdout.write(
        options.json === true
          ? `${JSON.stringify({ ok, calls: run?.report?.calls, findings }, null, 2)}\n`
          : `${[...findings.map(inWords), summary(ok, run)].join('\n\n')}\n`,
      );
      if (!ok) throw new CommanderError(1, 'costspan.doctor', 'problems found');
    });
}

function findingsOf({ report, exitCode }: ApplicationRun, seconds: number | undefined): readonly Finding[] {
  const ended =
    exitCode === 0 || seconds !== undefined
      ? []
      : [
          problem(
            'application-failed',
            `The application ended with code ${exitCode}.`,
            'See what it printed above.',
          ),
        ];
  if (report !== undefined) return [...ended, ...judgeRun(report)];
  return [
    ...ended,
    problem(
      'not-watched',
      'No Node process of the application could be watched.',
      'Start it with node itself, and let NODE_OPTIONS through to it.',
    ),
  ];
}

function inWords({ level, what, fix }: Finding): string {
  return `${level === 'problem' ? '✗' : '•'} ${what}\n  ${fix}`;
}

function summary(ok: boolean, run: ApplicationRun | undefined): string {
  const calls = run?.report?.calls;
  const seen = calls === undefined ? '' : ` ${calls} ${calls === 1 ? 'call was' : 'calls were'} recorded.`;
  return ok ? `✓ Nothing stands in the way.${seen}` : `Problems found.${seen}`;
}
