/** Names the schedulers that run jobs. */

/** Name of a scheduler: `local` is this machine, `template` one that a file describes. */
export type EngineName = "slurm" | "kubernetes" | "local" | "template";

/** The names. */
export const engineNames = [
  "slurm",
  "kubernetes",
  "local",
  "template",
] as const satisfies readonly EngineName[];
