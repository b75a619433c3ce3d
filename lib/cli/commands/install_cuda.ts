/** `install_cuda`: adds NVIDIA's libraries to ONNX Runtime. */

import type { Command } from "commander";
import { findDevice } from "../../runtime/find_devices.ts";
import { cudaWheels, installCuda } from "../../runtime/install_cuda.ts";
import { formatDevice } from "./devices.ts";

interface Options {
  wheels?: string;
  python: string;
}

export function addInstallCuda(program: Command): void {
  program.command("install_cuda")
    .description("Add the libraries for NVIDIA's GPUs (Linux, 2 GB), by pip.")
    .option("--wheels <dir>", "folder of wheels, where PyPI cannot be reached")
    .option("--python <path>", "a Python with pip", "python3")
    .addHelpText(
      "after",
      "\nTo fill a folder of wheels elsewhere: python3 -m pip download --no-deps -d DIR " +
        cudaWheels.join(" "),
    )
    .action(async (options: Options) => {
      console.log(`installing ${cudaWheels.join(", ")}`);
      for (const path of await installCuda(options)) console.log(path);
      console.log(formatDevice(await findDevice("cuda")));
    });
}
