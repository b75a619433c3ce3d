/**
 * Completions for PowerShell. The script is ASCII, since Windows' own PowerShell reads and writes files
 * in the code page of the system.
 */

import type { TypedCommand, Values } from "./typed_words.ts";

/** Returns the script. */
export function powershellCompletions(commands: readonly TypedCommand[]): string {
  return `# Completions of nnunet for PowerShell, written by: nnunet completions powershell

Register-ArgumentCompleter -Native -CommandName nnunet -ScriptBlock {
  param($typed, $line, $position)
  $commands = [ordered]@{
${commands.map(({ name, description }) => `    '${name}' = ${quoted(description)}`).join("\n")}
  }
  # Descriptions of options.
  $options = @{
${
    commands.map(({ name, options }) =>
      `    '${name}' = [ordered]@{ ${
        options.flatMap(({ flags, description }) =>
          flags.map((flag) => `'${flag}' = ${quoted(description)}`)
        ).join("; ")
      } }`
    ).join("\n")
  }
  }
  # How many values an option takes, and which; of files and folders, PowerShell completes the names.
  $values = @{
${
    commands.flatMap(({ name, options }) =>
      options.filter(({ takes }) => takes !== "none").flatMap(({ flags, takes, values }) =>
        flags.map((flag) => `    '${name} ${flag}' = '${takes}', ${list(values)}`)
      )
    ).join("\n")
  }
  }
  $arguments = @{
${
    commands.filter((command) => command.arguments.length > 0).map((command) =>
      `    '${command.name}' = @(${
        command.arguments.map(({ values }) => `, ${list(values)}`).join("; ")
      })`
    ).join("\n")
  }
  }
  $before = @($line.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { "$_" })
  function Suggest($words, $descriptions, $kind) {
    foreach ($word in $words) {
      if ($word -notlike "$typed*") { continue }
      $text = if ($descriptions -and $descriptions[$word]) { $descriptions[$word] } else { $word }
      [System.Management.Automation.CompletionResult]::new($word, $word, $kind, $text)
    }
  }
  if ($before.Count -eq 0) { return Suggest $commands.Keys $commands 'ParameterValue' }
  $command = $before[0]
  if ($typed -like '-*') {
    if ($typed -match '^-[A-Za-z].') { $typed = "-$typed" } # nnU-Net's long options have one dash.
    if ($options[$command]) { Suggest $options[$command].Keys $options[$command] 'ParameterName' }
    return
  }
  $takes = 'none'; $place = 0; $choices = @()
  foreach ($word in $before | Select-Object -Skip 1) {
    if ($word -like '-*') {
      if ($word -match '^-[A-Za-z].') { $word = "-$word" }
      $takes, $choices = $values["$command $word"]
      if (-not $takes) { $takes = 'none' }
    } elseif ($takes -eq 'none') { $place++ }
    elseif ($takes -eq 'one') { $takes = 'none' }
  }
  if ($takes -eq 'none') {
    $choices = if ($arguments[$command]) { $arguments[$command][$place] } else { @() }
  }
  Suggest $choices $null 'ParameterValue'
}
`;
}

function list(values: Values): string {
  return typeof values === "string" ? "@()" : `@(${values.map(quoted).join(", ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("…", "...").replaceAll("'", "''")}'`;
}
