/** Checks sliding windows on a GPU, whose name is the argument. */

import type { Device } from "../../../lib/runtime/device.ts";
import { DeviceWindow } from "../../../lib/window/device/device_window.ts";
import { checkWindow } from "../window_contract.ts";

const device = Deno.args[0] as Device;
await checkWindow(
  (_, run) => run(),
  // Few patches, as models of many take software that stands in for a GPU minutes to load.
  (models, options) => DeviceWindow.open(models, { ...options, device, patchesPerPass: 2 }),
);
