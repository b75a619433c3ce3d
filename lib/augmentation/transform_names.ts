/** Names of nnU-Net's transforms, by which a user's own pipeline includes them. */

/** nnU-Net's transforms in the order in which it applies them. */
export const transformNames = [
  "spatial",
  "gaussianNoise",
  "gaussianBlur",
  "brightness",
  "contrast",
  "lowResolution",
  "gammaInverted",
  "gamma",
  "mirroring",
] as const;

/** Name of one of nnU-Net's transforms. */
export type TransformName = typeof transformNames[number];
