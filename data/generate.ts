/** Writes a data set of phantoms: `deno run -A data/generate.ts --help`. */

import { parseArgs } from "node:util";
import { zyx } from "../lib/array/nd_array.ts";
import { progressBar, StatusLine } from "../lib/cli/status_line.ts";
import { generateDataset } from "./phantom_dataset.ts";

export { generateDataset };

const usage = `Writes brain-like phantoms and their labels.

Usage: deno run -A data/generate.ts [options]

  --folder PATH      output folder of input/ and ground_truth/ (default: data)
  --cases N          number of subjects (default: 20)
  --seed N           seed of the data set (default: 1)
  --spacing Z,Y,X    millimetres between voxel centres (default: 1,1,1)
  --difficulty N     scales noise, coil sensitivity and contrast changes (default: 1)
  --help             show this help`;

async function main(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: "string", default: "data" },
      cases: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      spacing: { type: "string", default: "1,1,1" },
      difficulty: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort(new Error("Stopped; run again to continue")));
  const line = new StatusLine();
  const cases = await generateDataset({
    folder: values.folder,
    cases: Number(values.cases),
    seed: Number(values.seed),
    spacing: zyx(values.spacing.split(",").map(Number)),
    difficulty: Number(values.difficulty),
    signal: stop.signal,
    onProgress: progressBar(line, "phantoms"),
  });
  line.print(`${cases.length} phantoms are in ${values.folder}`);
}

if (import.meta.main) {
  try {
    await main(Deno.args);
    Deno.exit(0); // The SIGINT listener would keep the process alive.
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
