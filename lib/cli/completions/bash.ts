/** Completions for bash, also for version 3.2, which macOS has. */

import type { TypedCommand, Values } from "./typed_words.ts";

/** Returns the script. */
export function bashCompletions(commands: readonly TypedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# Completions of nnunet for bash, written by: nnunet completions bash

# Sets the options of a command.
_nnunet_options() {
  case $1 in
${
    commands.map(({ name, options }) =>
      `    ${name}) options="${options.flatMap(({ flags }) => flags).join(" ")}" ;;`
    ).join("\n")
  }
  esac
}

# Sets how many values an option of a command takes, and what they are.
_nnunet_option() {
  takes=none values=
  case "$1 $2" in
${
    commands.flatMap(({ name, options }) =>
      options.filter(({ takes }) => takes !== "none").map(({ flags, takes, values }) =>
        `    ${flags.map((flag) => `"${name} ${flag}"`).join(" | ")}) ` +
        `takes=${takes} values="${wordsOf(values)}" ;;`
      )
    ).join("\n")
  }
  esac
}

# Sets what the argument of a command at a place, from 0, may be.
_nnunet_argument() {
  values=
  case "$1 $2" in
${
    commands.flatMap(({ name, arguments: list }) =>
      list.map(({ values, many }, i) =>
        `    "${name} "${many ? "*" : i}) values="${wordsOf(values)}" ;;`
      )
    ).join("\n")
  }
  esac
}

_nnunet() {
  local current=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]}
  local options= takes=none values= place=0 word i
  for ((i = 2; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      =) ;; # Of --option=value, which is three words.
      -?*)
        [[ $word == -[A-Za-z]?* ]] && word=-$word # nnU-Net's long options have one dash.
        _nnunet_option "$command" "$word" ;;
      *)
        if [[ $takes == none ]]; then ((place++)); fi
        if [[ $takes == one ]]; then takes=none; fi ;;
    esac
  done
  [[ $current == = ]] && current=
  if ((COMP_CWORD == 1)); then
    values="${names} --help --version"
  elif [[ $current == -* ]]; then
    [[ $current == -[A-Za-z]?* ]] && current=-$current
    _nnunet_options "$command"
    values=$options
  elif [[ $takes == none ]]; then
    _nnunet_argument "$command" "$place"
  fi
  COMPREPLY=()
  case $values in
    :files) ;; # Readline completes them.
    :folders) compopt +o default -o dirnames 2>/dev/null ;;
    *)
      compopt +o default 2>/dev/null
      COMPREPLY=($(compgen -W "$values" -- "$current")) ;;
  esac
}

complete -o default -F _nnunet nnunet
`;
}

function wordsOf(values: Values): string {
  return typeof values === "string" ? `:${values}` : values.join(" ");
}
