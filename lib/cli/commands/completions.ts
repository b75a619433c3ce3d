/** `completions`: prints a script with which a shell completes what is typed. */

import { Argument, type Command } from "../../packages/commander.ts";
import { bashCompletions } from "../completions/bash.ts";
import { fishCompletions } from "../completions/fish.ts";
import { powershellCompletions } from "../completions/powershell.ts";
import { shells, type TypedCommand, typedCommands } from "../completions/typed_words.ts";
import { zshCompletions } from "../completions/zsh.ts";
import { writeOutput } from "../output.ts";

type Shell = typeof shells[number];

// Scripts are generated rather than asking the program at every Tab, which would start Deno and load
// all commands, for half a second. @bomb.sh/tab, which has an adapter for commander, asks.
const scripts: Readonly<Record<Shell, (commands: readonly TypedCommand[]) => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
  powershell: powershellCompletions,
};

const howToInstall = `
To install them, and again after an upgrade:
  bash        mkdir -p ~/.local/share/bash-completion/completions
              nnunet completions bash > ~/.local/share/bash-completion/completions/nnunet
              (without the package bash-completion, as on macOS:
              echo 'source ~/.local/share/bash-completion/completions/nnunet' >> ~/.bash_profile)
  zsh         nnunet completions zsh > DIR/_nnunet, in a folder DIR of $fpath
  fish        mkdir -p ~/.config/fish/completions
              nnunet completions fish > ~/.config/fish/completions/nnunet.fish
  PowerShell  nnunet completions powershell | Add-Content $PROFILE`;

export function addCompletions(program: Command): void {
  program.command("completions")
    .description("Print a script with which a shell completes commands, options and values.")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .addHelpText("after", howToInstall)
    .action((shell: Shell) => writeOutput(scripts[shell](typedCommands(program))));
}
