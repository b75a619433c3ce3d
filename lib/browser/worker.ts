/** The script of all workers of a model's page. */

import { runNamedModule } from "./run_named_module.ts";

runNamedModule({
  device_worker: () => import("./device_worker.ts"),
  export_worker: () => import("../inference/export_worker.ts"),
  label_worker: () => import("../labels/label_worker.ts"),
  network_worker: () => import("../inference/network_worker.ts"),
  prepare_worker: () => import("../inference/prepare_worker.ts"),
  result_worker: () => import("./result_worker.ts"),
});
