/**
 * `deno task bench:notebook`: measures how long a kernel takes to finish its first import, and how
 * long the event loop of a notebook is blocked at most during training.
 *
 * Trains nnU-Net's network for the phantoms at 8 GB or, with `--small`, the tutorial's, for
 * `--epochs N` (by default 3). `--check` fails if a target is missed.
 */

import { join } from "@std/path";
import { generateDataset } from "../../data/phantom_dataset.ts";
import { type CodeCell, joined } from "../../kernels/jupyter/notebook_file.ts";
import { runNotebook, type RunResult } from "../../kernels/jupyter/run_notebook.ts";
import { JupyterServer } from "../../kernels/jupyter/server.ts";
import { Dataset, Planner } from "../../mod.ts";
import { code, notebookOf } from "../kernels/jupyter/sample_notebooks.ts";
import { taskOptions } from "../task_options.ts";
import { formatMilliseconds, spreadOf } from "./statistics.ts";

/** Milliseconds. */
const targets = { start: 3000, blocked: 100 };
const starts = 5;

const options = taskOptions(import.meta.url, {
  small: { type: "boolean", default: false },
  epochs: { type: "string", default: "3" },
  check: { type: "boolean", default: false },
});

const root = await Deno.makeTempDir();
try {
  console.debug = console.warn = () => {}; // Jupyter's client logs every connection.
  await using server = await JupyterServer.start({ root });
  const start = await measureStart(server);
  const blocked = await measureBlocking(server);
  const missed = spreadOf(start).median > targets.start ||
    Math.max(...Object.values(blocked)) > targets.blocked;
  if (missed) console.log(`missed: expected ${targets.start} and ${targets.blocked} ms`);
  const milliseconds = Object.entries(blocked).map(([where, most]) =>
    `${where} ${most.toFixed(0)}`
  );
  console.log(
    `notebook: first import done ${formatMilliseconds(start)} ms after the kernel was requested, ` +
      `event loop blocked at most during training (ms): ${milliseconds.join(", ")}`,
  );
  Deno.exitCode = options.check && missed ? 1 : 0;
} finally {
  await Deno.remove(root, { recursive: true });
}
Deno.exit();

/** Milliseconds from requesting a kernel to the end of its first import, measured repeatedly. */
async function measureStart(server: JupyterServer): Promise<number[]> {
  const times: number[] = [];
  const notebook = notebookOf(code(`import { Planner } from "nnunet"; console.log(Date.now());`));
  for (let i = 0; i <= starts; i++) {
    const begin = Date.now();
    const result = await runNotebook(server, "start.ipynb", notebook);
    if (i > 0) times.push(Number(outputOf(result, 0)) - begin); // The first warms caches.
  }
  return times;
}

/** Longest delay of a timer in a training notebook before, during and after the epochs, in ms. */
async function measureBlocking(server: JupyterServer) {
  const source = join(root, "scans");
  await generateDataset({ folder: source, cases: 5 });
  const dataset = await Dataset.create({
    root,
    id: 1,
    name: "Phantoms",
    images: join(source, "input"),
    labels: join(source, "ground_truth"),
    channels: ["MRI"],
  });
  const limits = options.small ? { gpuMemoryTarget: 0.06, baseFeatures: 8 } : {};
  const plans = await new Planner(limits).plan(dataset);
  const { patchSize, batchSize, architecture } = plans.configuration("3d_fullres");
  console.log(
    `patch ${patchSize.join("×")}, batch ${batchSize}, features ` +
      `${architecture.featuresPerStage.join("-")}; Deno ${Deno.version.deno}`,
  );
  await plans.preprocess(dataset, { configurations: ["3d_fullres"] });

  const result = await runNotebook(
    server,
    "training.ipynb",
    notebookOf(
      code(`
        import { foldersIn, Plans, Trainer } from "nnunet";
        const plans = await Plans.open({ folders: foldersIn(${JSON.stringify(root)}), id: 1 });
        const trainer = new Trainer(plans, "3d_fullres", {
          epochs: ${Number(options.epochs)}, iterations: 4, validationIterations: 1,
        });
      `),
      code(`
        const blocked = { start: 0, epochs: 0, end: 0 };
        let where = "start";
        let latest = performance.now();
        const tick = () => {
          const now = performance.now();
          blocked[where] = Math.max(blocked[where], now - latest - 10);
          latest = now;
        };
        const timer = setInterval(tick, 10);
        const onProgress = () => { where = "epochs"; };
        for await (const { epoch, epochs } of trainer.fit({ onProgress })) {
          tick();
          if (epoch === epochs - 1) where = "end";
        }
        tick();
        clearInterval(timer);
        console.log(JSON.stringify(blocked));
      `),
    ),
  );
  return JSON.parse(outputOf(result, 1)) as { start: number; epochs: number; end: number };
}

/**
 * The output of a cell.
 *
 * @throws {Error} If the notebook failed or the cell wrote nothing.
 */
function outputOf({ notebook, failure }: RunResult, cell: number): string {
  if (failure) throw new Error(`Cannot measure: cell ${failure.cell}: ${failure.message}`);
  const [output] = (notebook.cells[cell] as CodeCell).outputs;
  if (output?.output_type !== "stream") throw new Error("Cannot measure: the cell wrote nothing");
  return joined(output.text);
}
