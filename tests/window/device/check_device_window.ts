/** Checks sliding windows on the GPU device that the argument names. */

import type { Device } from "../../../lib/runtime/device.ts";
import { DeviceWindow } from "../../../lib/window/device/device_window.ts";
import { openHostWindow } from "../../../lib/window/device/host_window.ts";
import { checkWindow } from "../window_contract.ts";

const device = Deno.args[0] as Device;
await checkWindow(
  (_, run) => run(),
  (models, options) =>
    DeviceWindow.open(models, {
      ...options,
      device,
      // Some views of a tile, or several tiles. Models for more patches load slowly on software GPUs.
      patchesPerPass: options.tileSize.length === 2 ? 4 : 2,
    }),
);
await checkWindow(
  (_, run) => run(),
  (models, options) => openHostWindow(models, { ...options, device }),
);
