/** Writes the report of `deno task bench:gpu`. */

import { join } from "@std/path";
import type { Device } from "../../lib/runtime/device.ts";
import type { DeviceReport } from "../../lib/runtime/find_devices.ts";
import type { ConvolutionTime } from "./gpu_convolutions.ts";
import { formatProfile } from "./gpu_profile.ts";
import type { StepProfile } from "./step_profile.ts";

/** A time of ours and PyTorch's; each undefined if it could not be measured. */
export interface Figure {
  readonly device: Device;
  readonly network: string;
  readonly precision: "float32" | "float16";
  readonly what: "train" | "infer";
  readonly milliseconds?: number;
  readonly pytorch?: number;
  /** PyTorch's time divided by ours. */
  readonly ratio?: number;
  /** The same with PyTorch in TF32, as users run it, for a device that cannot use TF32. */
  readonly ratioWithTf32?: number;
  /** Reason if there is no figure. */
  readonly failure?: string;
}

/** The profile of a training step, and a description of the step. */
export interface Profiled {
  readonly of: string;
  readonly profile: StepProfile;
}

/** All results, and the environment they were measured in. */
export interface Report {
  readonly heading: string;
  readonly pytorch: unknown;
  readonly devices: readonly DeviceReport[];
  readonly figures: readonly Figure[];
  readonly convolutions: readonly ConvolutionTime[];
  readonly profiles: readonly Profiled[];
}

function number(value: number | undefined, digits = 1): string {
  return value?.toFixed(digits) ?? "–";
}

/** Cells of one row in the table of convolutions. */
export function convolutionCells(time: ConvolutionTime): string[] {
  const { device, precision, what, layer, way, milliseconds, gigaflops, failure } = time;
  return [
    device,
    precision,
    what,
    layer,
    way,
    failure ?? number(milliseconds, 2),
    number(gigaflops, 0),
  ];
}

/** Writes `bench-gpu.md` and `bench-gpu.json` into a folder. */
export async function writeReport(
  folder: string,
  { heading, figures, convolutions, profiles, ...environment }: Report,
): Promise<void> {
  const versions = {
    deno: Deno.version.deno,
    onnxruntime: "1.30.0",
    os: `${Deno.build.os} ${Deno.osRelease()}`,
    ...environment,
  };
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const markdown = [
    "# GPU benchmark",
    "",
    "```json",
    JSON.stringify(versions, null, 2),
    "```",
    "",
    heading,
    "",
    row(["device", "network", "precision", "what", "ours", "PyTorch", "ratio", "with TF32"]),
    row(["---", "---", "---", "---", "--:", "--:", "--:", "--:"]),
    ...figures.map((f) =>
      row([
        f.device,
        f.network,
        f.precision,
        f.what,
        f.failure ?? number(f.milliseconds),
        number(f.pytorch),
        number(f.ratio, 2),
        number(f.ratioWithTf32, 2),
      ])
    ),
    ...convolutions.length === 0 ? [] : [
      "",
      row(["convolution on", "precision", "what", "layer", "way", "ms", "GF/s"]),
      row(["---", "---", "---", "---", "---", "--:", "--:"]),
      ...convolutions.map((time) => row(convolutionCells(time))),
    ],
    ...profiles.flatMap(({ of, profile }) => ["", of, "", "```", formatProfile(profile), "```"]),
    "",
  ].join("\n");
  await Deno.writeTextFile(join(folder, "bench-gpu.md"), markdown);
  await Deno.writeTextFile(
    join(folder, "bench-gpu.json"),
    JSON.stringify({ versions, figures, convolutions, profiles }, null, 2) + "\n",
  );
}
