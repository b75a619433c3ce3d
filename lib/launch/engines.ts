/** The schedulers, by their names. */

import type { Engine } from "./engine.ts";
import type { EngineName } from "./engine_name.ts";
import { kubernetes } from "./kubernetes.ts";
import { local } from "./local.ts";
import { slurm } from "./slurm.ts";
import { templateEngine } from "./template_engine.ts";

/** The schedulers. */
export const engines: Readonly<Record<EngineName, Engine>> = {
  slurm,
  kubernetes,
  local,
  template: templateEngine,
};
