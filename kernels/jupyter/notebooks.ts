/** Runs the notebooks from top to bottom: `deno task notebooks --help`. */

import { basename, join, resolve } from "@std/path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { positiveNumber } from "../../lib/cli/arguments.ts";
import { interruptSignal } from "../../lib/cli/interrupt.ts";
import { formatDuration, StatusLine } from "../../lib/cli/status_line.ts";
import { writeJsonAtomically } from "../../lib/platform/atomic_write.ts";
import { findNotebooks } from "./find_notebooks.ts";
import { readNotebook } from "./notebook_file.ts";
import { runNotebook, type ServerAddress } from "./run_notebook.ts";
import { withRecord } from "./run_record.ts";
import { JupyterServer } from "./server.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

interface Options {
  settings: string;
  input: string;
  output: string;
  limit: number;
}

async function runAll(names: readonly string[], options: Options): Promise<boolean> {
  const paths = await findNotebooks(options.input, names);
  const line = new StatusLine();
  line.show("starting Jupyter");
  await using server = await JupyterServer.start({
    root: options.input,
    variables: { NNUNET_NOTEBOOK_SETTINGS: options.settings },
  });
  const interrupted = interruptSignal("Stopped");
  let allWell = true;
  for (const path of paths) {
    allWell = await runOne(server, path, options, interrupted, line) && allWell;
  }
  return allWell;
}

/** Runs a notebook and reports its outcome. */
async function runOne(
  server: ServerAddress,
  path: string,
  { output, limit, settings }: Options,
  interrupted: AbortSignal,
  line: StatusLine,
): Promise<boolean> {
  const name = basename(path);
  const begin = performance.now();
  const time = () => formatDuration((performance.now() - begin) / 1000);
  const outOfTime = new AbortController();
  const limitTimer = setTimeout(
    () => outOfTime.abort(new Error(`${name}: not done after ${limit} minutes`)),
    limit * 60_000,
  );
  let at = "starting";
  const show = () => line.show(`${name}  ${at}  ${time()}`);
  const clock = setInterval(show, 1000);
  try {
    const { notebook, failure } = await runNotebook(
      server,
      name,
      await readNotebook(path),
      {
        signal: AbortSignal.any([interrupted, outOfTime.signal]),
        onProgress: (done, total) => {
          at = `cell ${done + 1} of ${total}`;
          show();
        },
      },
    );
    // A notebook that failed is written, too: its outputs show why.
    await writeJsonAtomically(join(output, name), withRecord(notebook, settings));
    if (failure) line.print(`${name}  cell ${failure.cell} failed: ${failure.message}`);
    else line.print(`${name}  ${time()}`);
    return failure === undefined;
  } catch (error) {
    if (interrupted.aborted || !outOfTime.signal.aborted) throw error;
    line.print((error as Error).message);
    return false;
  } finally {
    clearTimeout(limitTimer);
    clearInterval(clock);
  }
}

const program = new Command("notebooks")
  .description("Run notebooks from top to bottom in a Jupyter server, and keep their outputs.")
  .argument("[names...]", "notebooks, or the beginnings of their names (04); all by default")
  .addOption(
    new Option("--settings <level>", "short checks that they run, full is for reading")
      .choices(["short", "full"]).default("full"),
  )
  .option("--input <dir>", "folder with notebooks", join(project, "notebooks"))
  .option(
    "--output <dir>",
    "folder for the notebooks with their outputs",
    join(project, ".cache/notebooks"),
  )
  .option("--limit <minutes>", "time limit for each notebook", positiveNumber("--limit"), 60)
  .action(async (names: string[], options: Options) => {
    const [input, output] = [resolve(options.input), resolve(options.output)];
    const allWell = await runAll(names, { ...options, input, output });
    console.log(`Notebooks with their outputs are in ${output}`);
    if (!allWell) Deno.exit(1);
  });

// Jupyter's client logs every connection.
console.debug = console.warn = () => {};
try {
  await program.parseAsync(Deno.args, { from: "user" });
  Deno.exit(0); // Listeners for Ctrl-C would keep the process alive.
} catch (error) {
  console.error(`\n${(error as Error).message}`);
  Deno.exit(1);
}
