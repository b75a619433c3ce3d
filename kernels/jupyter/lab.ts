/** Opens the notebooks in JupyterLab, installing what is missing: `deno task jupyter`. */

import { dirname, join } from "@std/path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { kernelName } from "../kernelspec.ts";
import { ensureJupyter, jupyterVariables } from "./server.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

/** The notebook that is open at the start. */
const startNotebook = "notebooks/00_start_here.ipynb";

/**
 * Runs JupyterLab in the foreground, with the user's own settings.
 *
 * @param options Options for JupyterLab.
 * @returns Its exit status.
 */
async function openLab(options: readonly string[]): Promise<number> {
  const python = await ensureJupyter();
  await turnNewsOff(python);
  const args = ["-m", "jupyterlab", "--ServerApp.root_dir", project];
  // For root, as in a container, Jupyter demands an explicit option.
  if (Deno.build.os !== "windows" && Deno.uid() === 0) args.push("--allow-root");
  args.push(`--LabApp.default_url=/lab/tree/${startNotebook}`);
  // JupyterLab lists the default kernel first, and new notebooks get it.
  args.push(`--MultiKernelManager.default_kernel_name=${kernelName}`, ...options);
  const lab = new Deno.Command(python, { args, env: await jupyterVariables() }).spawn();
  // Ctrl-C also reaches JupyterLab, which asks for confirmation and ends.
  Deno.addSignalListener("SIGINT", () => {});
  return (await lab.status).code;
}

/**
 * Keeps JupyterLab, whose Python is the project's own, from asking at its first start whether to
 * fetch news, which covers the page and needs the network. The user's own settings have precedence.
 */
async function turnNewsOff(python: string): Promise<void> {
  const folder = join(dirname(dirname(python)), "share", "jupyter", "lab", "settings");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    join(folder, "overrides.json"),
    JSON.stringify({ "@jupyterlab/apputils-extension:notification": { fetchNews: "false" } }),
  );
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
