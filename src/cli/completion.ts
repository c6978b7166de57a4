import { Argument, Command } from 'commander';
import type { CliOutput } from './command.ts';

/** `costspan completion`: a script for the shell, made from the commands there are. */
export function completionCommand({ stdout }: CliOutput): Command {
  return new Command('completion')
    .description('a script that completes commands and options: source <(costspan completion bash)')
    .addHelpText(
      'after',
      '\nExamples:\n  source <(costspan completion bash)\n  costspan completion fish > ~/.config/fish/completions/costspan.fish\n',
    )
    .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh', 'fish']))
    .action((shell: 'bash' | 'zsh' | 'fish', _: object, command: Command) => {
      const words = wordsOf(command.parent ?? command);
      stdout.write(
        shell === 'fish'
          ? fish(words)
          : shell === 'zsh'
            ? `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`
            : bash(words),
      );
    });
}

/** What may follow each command: `report` → `trend peaks … --by --since …`. */
function wordsOf(program: Command): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, readonly string[]>();
  const walk = (command: Command, path: string): void => {
    const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
    const options = command.options.flatMap(({ long }) => long ?? []);
    words.set(path, [...command.commands.map((each) => each.name()), ...choices, ...options, '--help']);
    for (const each of command.commands) walk(each, path === '' ? each.name() : `${path} ${each.name()}`);
  };
  walk(program, '');
  return words;
}

function bash(words: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...words].map(([path, next]) => `    '${path}') words='${next.join(' ')}' ;;`);
  return `_costspan() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${[...words.keys()]
  .filter((path) => path !== '')
  .map((path) => `      '${path.includes(' ') ? path : ` ${path}`}') path='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _costspan costspan
`;
}

function fish(words: ReadonlyMap<string, readonly string[]>): string {
  return [...words]
    .map(([path, next]) => {
      const when =
        path === ''
          ? '__fish_use_subcommand'
          : path
              .split(' ')
              .map((word) => `__fish_seen_subcommand_from ${word}`)
              .join('; and ');
      const names = next.filter((word) => !word.startsWith('--'));
      const options = next.filter((word) => word.startsWith('--'));
      return [
        ...(names.length === 0 ? [] : [`complete -c costspan -n '${when}' -a '${names.join(' ')}'`]),
        ...options.map((option) => `complete -c costspan -n '${when}' -l ${option.slice(2)}`),
      ].join('\n');
    })
    .join('\n')
    .concat('\n');
}
