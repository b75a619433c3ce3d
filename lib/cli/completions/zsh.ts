/** Completions for zsh, with descriptions. */

import type { TypedArgument, TypedCommand, TypedOption, Values } from "./typed_words.ts";

/** Returns the script, which can be a file in `$fpath` or be evaluated. */
export function zshCompletions(commands: readonly TypedCommand[]): string {
  return `#compdef nnunet
# Completions of nnunet for zsh, written by: nnunet completions zsh

_nnunet() {
  local curcontext=$curcontext state line
  local -a commands=(
${
    commands.map(({ name, description }) =>
      `    ${quoted(`${name}:${description.replaceAll(":", "\\:")}`)}`
    ).join("\n")
  }
  )
  _arguments -C '(- *)'{-h,--help}'[display help]' '(- *)'{-V,--version}'[display the version]' \\
    '1: :->command' '*:: :->arguments'
  case $state in
    command) _describe command commands ;;
    arguments)
      case $words[1] in
${commands.map(argumentsOf).join("\n")}
      esac ;;
  esac
}

# Completes further values of an option that takes several.
_nnunet_more() {
  local word
  for word in \${(Oa)words[2,CURRENT-1]}; do
    [[ $word == -* ]] && break
  done
  case "$words[1] $word" in
${commands.flatMap(furtherValues).join("\n")}
  esac
}

if [[ $funcstack[1] == _nnunet ]]; then
  _nnunet "$@"
elif (( $+functions[compdef] )); then
  compdef _nnunet nnunet
fi
`;
}

function argumentsOf(command: TypedCommand): string {
  const specifications = [
    ...command.options.flatMap(optionSpecifications),
    ...command.arguments.map(argumentSpecification),
    ...furtherValues(command).length > 0 ? ["*: :_nnunet_more"] : [],
  ];
  const lines = specifications.map((text) => `            ${quoted(text)}`).join(" \\\n");
  return `        ${command.name})\n          _arguments \\\n${lines} ;;`;
}

function optionSpecifications(option: TypedOption): string[] {
  const { flags, description, takes, valueName, values } = option;
  return flags.map((flag) => {
    const others = flags.length > 1 ? `(${flags.join(" ")})` : "";
    const text = `[${description.replace(/[\\[\]:]/g, "\\$&")}]`;
    if (takes === "none") return others + flag + text;
    const action = `${valueName}:${actionOf(values)}`;
    return `${others}${flag}${flag.startsWith("--") ? "=" : "+"}${text}:${action}`;
  });
}

function argumentSpecification({ name, many, values }: TypedArgument, i: number): string {
  return `${many ? "*" : i + 1}:${name}:${actionOf(values)}`;
}

function furtherValues({ name, options }: TypedCommand): string[] {
  return options.filter(({ takes, values }) => takes === "many" && values.length > 0)
    .map(({ flags, values }) => {
      const patterns = flags.map((flag) => `"${name} ${flag}"`).join(" | ");
      const action = typeof values === "string" ? actionOf(values) : `compadd ${values.join(" ")}`;
      return `    ${patterns}) ${action} ;;`;
    });
}

function actionOf(values: Values): string {
  if (values === "files") return "_files";
  if (values === "folders") return "_files -/";
  return `(${values.join(" ")})`; // A space instead of none would hide options, too.
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
