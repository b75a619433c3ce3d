/** Names by which a custom pipeline includes nnU-Net's transforms. */

/** Names of nnU-Net's transforms, in the order in which it applies them. */
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

/** The name of one of nnU-Net's transforms. */
export type TransformName = typeof transformNames[number];
