/** Installs or removes the Jupyter kernel: `deno task kernel:install --help`. */

import { Command } from "commander";
import {
  installKernelspec,
  prefixDataFolder,
  uninstallKernelspec,
  userDataFolder,
} from "./kernelspec.ts";
import { kernelVariables } from "./kernel_variables.ts";
import { pythonPrefix } from "./python_environment.ts";

interface Place {
  prefix?: string;
  sysPrefix?: boolean;
}

async function dataFolder({ prefix, sysPrefix }: Place): Promise<string> {
  if (prefix !== undefined) return prefixDataFolder(prefix);
  if (sysPrefix) return prefixDataFolder(await pythonPrefix());
  return userDataFolder(Deno.env.toObject());
}

const program = new Command("kernel").description(
  'The Jupyter kernel "Deno (nnU-Net)": import { Planner } from "nnunet" in any notebook.',
);

function addPlaces(command: Command): Command {
  return command
    .option("--prefix <dir>", "for the Jupyter in DIR, for example a virtual environment")
    .option("--sys-prefix", "for the Jupyter of the python3 on the PATH");
}

addPlaces(program.command("install"))
  .description("install the kernel, by default for this user")
  .option(
    "--env <NAME=VALUE...>",
    "environment variables for the kernel, in addition to nnUNet_raw, nnUNet_preprocessed, " +
      "nnUNet_results and LD_LIBRARY_PATH as they are set now",
  )
  .action(async ({ env = [], ...place }: Place & { env?: string[] }) => {
    const folder = await installKernelspec(
      await dataFolder(place),
      kernelVariables(Deno.env.toObject(), env),
    );
    console.log(`Installed "Deno (nnU-Net)" in ${folder}`);
  });

addPlaces(program.command("uninstall"))
  .description("remove the kernel")
  .action(async (place: Place) => {
    const folder = await uninstallKernelspec(await dataFolder(place));
    console.log(
      folder === undefined
        ? `"Deno (nnU-Net)" is not installed in ${await dataFolder(place)}`
        : `Removed "Deno (nnU-Net)" from ${folder}`,
    );
  });

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}
