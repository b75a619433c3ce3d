/** Completions for fish, with descriptions. */

import type { TypedCommand, Values } from "./typed_words.ts";

/** Returns the script. */
export function fishCompletions(commands: readonly TypedCommand[]): string {
  return `# Completions of nnunet for fish, written by: nnunet completions fish

# Whether words are typed for a command, and if a number is given, whether it is their number.
function __nnunet_in
  set -l words (commandline -opc)[2..]
  test "$words[1]" = "$argv[1]"; or return
  test (count $argv) -eq 1; or test (count $words) -eq $argv[2]
end

# Whether the last option of a command, which takes several values, is one of these.
function __nnunet_after
  set -l words (commandline -opc)[2..]
  test "$words[1]" = "$argv[1]"; or return
  set -l typed (string match -- '-*' $words)
  set -q typed[1]; and contains -- $typed[-1] $argv[2..]
end

complete -c nnunet -f
complete -c nnunet -n '__nnunet_in ""' -s h -l help -d 'display help'
complete -c nnunet -n '__nnunet_in ""' -s V -l version -d 'display the version'
${commands.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ name, description, options, arguments: list }: TypedCommand): string[] {
  return [
    `complete -c nnunet -n '__nnunet_in ""' -a ${name} -d ${quoted(description)}`,
    ...options.map(({ flags, description, takes, values }) =>
      [
        `complete -c nnunet -n '__nnunet_in ${name}'`,
        ...flags.map((flag) => flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag[1]}`),
        ...takes === "none" ? [] : [`-r ${valuesOf(values)}`],
        `-d ${quoted(description)}`,
      ].join(" ")
    ),
    ...options.filter(({ takes, values }) => takes === "many" && values.length > 0).map(
      ({ flags, values }) =>
        `complete -c nnunet -n '__nnunet_after ${name} ${flags.join(" ")}' ${valuesOf(values)}`,
    ),
    // Arguments are usually typed before options.
    ...list.flatMap(({ values, many }, i) => {
      const place = many ? "" : ` ${i + 1}`;
      if (values.length === 0) return [];
      return [`complete -c nnunet -n '__nnunet_in ${name}${place}' ${valuesOf(values)}`];
    }),
  ];
}

function valuesOf(values: Values): string {
  if (values === "files") return "-F";
  if (values === "folders") return "-f -a '(__fish_complete_directories)'";
  return values.length === 0 ? "-f" : `-f -a ${quoted(values.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
