/** `install_cuda`: installs the NVIDIA libraries that ONNX Runtime needs. */

import type { Command } from "../../packages/commander.ts";
import { findDevice } from "../../runtime/find_devices.ts";
import { cudaWheels, installCuda } from "../../platform/install_cuda.ts";
import { formatDevice } from "./devices.ts";
import { printLine } from "../terminal.ts";

const requirements = cudaWheels.map(({ requirement }) => requirement).join(" ");

interface Options {
  wheels?: string;
  python: string;
}

export function addInstallCuda(program: Command): void {
  program.command("install_cuda")
    .description("Install the libraries for NVIDIA GPUs with pip (Linux, 2 GB).")
    .option("--wheels <dir>", "folder of wheels, for machines without access to PyPI")
    .option("--python <path>", "Python interpreter with pip", "python3")
    .addHelpText(
      "after",
      "\nTo download the wheels on another machine: python3 -m pip download --no-deps -d DIR " +
        requirements,
    )
    .action(async (options: Options) => {
      printLine(`Installing ${requirements}`);
      for (const path of await installCuda(options)) printLine(path);
      printLine(formatDevice(await findDevice("cuda")));
    });
}
