/**
 * `deno task bench:notebook`: how long a kernel takes until its first import is done, and how long
 * the event loop of a notebook is blocked at most while a training runs.
 *
 * The network trained is nnU-Net's own for the phantoms at 8 GB, or with `--small` the tutorial's;
 * `--check` fails where a target is missed.
 */

import { parseArgs } from "node:util";
import { join } from "@std/path";
import { generateDataset } from "../../data/generate.ts";
import { type CodeCell, joined } from "../../jupyter/notebook_file.ts";
import { runNotebook } from "../../jupyter/run_notebook.ts";
import { JupyterServer } from "../../jupyter/server.ts";
import { Dataset, Planner } from "../../mod.ts";
import { code, notebookOf } from "../jupyter/sample_notebooks.ts";
import { formatMilliseconds, spreadOf } from "./statistics.ts";

/** Milliseconds. */
const targets = { start: 3000, blocked: 100 };
const starts = 5;

const { values: options } = parseArgs({
  options: {
    small: { type: "boolean", default: false },
    epochs: { type: "string", default: "3" },
    check: { type: "boolean", default: false },
  },
});

const root = await Deno.makeTempDir();
try {
  console.debug = console.warn = () => {}; // Jupyter's client tells of every connection it makes.
  await using server = await JupyterServer.start({ root });
  const start = await measureStart(server);
  const { blocked, seconds } = await measureBlocking(server);
  console.log(
    `notebook: first import ${formatMilliseconds(start)} ms after the kernel was asked for, ` +
      `event loop blocked ${blocked.toFixed(0)} ms at most in ${seconds.toFixed(0)} s of training`,
  );
  const missed = spreadOf(start).median > targets.start || blocked > targets.blocked;
  if (missed) console.log(`missed: expected ${targets.start} and ${targets.blocked} ms`);
  Deno.exitCode = options.check && missed ? 1 : 0;
} finally {
  await Deno.remove(root, { recursive: true });
}
Deno.exit();

/** Milliseconds from asking for a kernel to the end of its first import, again and again. */
async function measureStart(server: JupyterServer): Promise<number[]> {
  const times: number[] = [];
  const notebook = notebookOf(code(`import { Planner } from "nnunet";`), code(""));
  for (let i = 0; i <= starts; i++) {
    const begin = performance.now();
    let imported = 0;
    const onProgress = (done: number) => {
      if (done === 1) imported = performance.now() - begin;
    };
    await runNotebook(server, "start.ipynb", notebook, { onProgress });
    if (i > 0) times.push(imported); // The first warms caches.
  }
  return times;
}

/** The longest that a timer of a training notebook came late. */
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

  const { notebook, failure } = await runNotebook(
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
        let latest = performance.now();
        const gaps = [];
        const tick = () => {
          const now = performance.now();
          gaps.push([now - latest - 10, where]);
          latest = now;
        };
        let where = "start";
        const timer = setInterval(tick, 10);
        const begin = performance.now();
        const onProgress = ({ phase, epoch, iteration }) => {
          where = \`\${phase} \${epoch} \${iteration}\`;
        };
        for await (const { epoch } of trainer.fit({ onProgress })) where = "after epoch " + epoch;
        clearInterval(timer);
        tick();
        const seconds = (performance.now() - begin) / 1000;
        gaps.sort(([a], [b]) => b - a);
        console.log(JSON.stringify({ gaps: gaps.slice(0, 8), seconds }));
      `),
    ),
  );
  if (failure) throw new Error(`Cannot measure: cell ${failure.cell}: ${failure.message}`);
  const [output] = (notebook.cells[1] as CodeCell).outputs;
  if (output?.output_type !== "stream") throw new Error("Cannot measure: the cell said nothing");
  const { gaps, seconds } = JSON.parse(joined(output.text)) as {
    gaps: [milliseconds: number, where: string][];
    seconds: number;
  };
  for (const [milliseconds, where] of gaps) console.log(`${milliseconds.toFixed(0)} ms  ${where}`);
  return { blocked: gaps[0][0], seconds };
}
