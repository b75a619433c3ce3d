/** Opens the notebooks in JupyterLab, installing what is missing: `deno task jupyter`. */

import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { ensureJupyter, jupyterVariables } from "./server.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Runs JupyterLab in the foreground, with the user's own settings.
 *
 * @param options Passed on to it.
 * @returns Its exit status.
 */
async function openLab(options: readonly string[]): Promise<number> {
  const python = await ensureJupyter();
  const args = ["-m", "jupyterlab", "--ServerApp.root_dir", project];
  // As root, in a container say, Jupyter wants to be told that this is meant.
  if (Deno.build.os !== "windows" && Deno.uid() === 0) args.push("--allow-root");
  args.push("--LabApp.default_url=/lab/tree/notebooks", ...options);
  const lab = new Deno.Command(python, { args, env: await jupyterVariables() }).spawn();
  // Ctrl-C reaches JupyterLab too, which asks and then ends.
  Deno.addSignalListener("SIGINT", () => {});
  return (await lab.status).code;
}

const program = new Command("jupyter")
  .description("Open the notebooks in JupyterLab; the first time this installs it into .venv.")
  .option("--install", "only install what is missing", false)
  .argument("[options...]", "for JupyterLab, after --: for example -- --no-browser --port 9000")
  .action(async (options: string[], { install }: { install: boolean }) => {
    if (!install) Deno.exit(await openLab(options));
    await ensureJupyter();
  });

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}
