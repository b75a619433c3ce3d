/** Names the schedulers that run jobs. */

/** Names of the schedulers. */
export const engineNames = ["slurm", "kubernetes", "local", "template"] as const;

/** Name of a scheduler: `template` is one that a file describes. */
export type EngineName = typeof engineNames[number];
