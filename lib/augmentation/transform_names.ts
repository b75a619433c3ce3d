/** Names by which a custom pipeline includes nnU-Net's transforms. */

/** The name of one of nnU-Net's transforms. */
export type TransformName =
  | "spatial"
  | "gaussianNoise"
  | "gaussianBlur"
  | "brightness"
  | "contrast"
  | "lowResolution"
  | "gammaInverted"
  | "gamma"
  | "mirroring";

/** Names of nnU-Net's transforms, in the order in which it applies them. */
export const transformNames: readonly TransformName[] = [
  "spatial",
  "gaussianNoise",
  "gaussianBlur",
  "brightness",
  "contrast",
  "lowResolution",
  "gammaInverted",
  "gamma",
  "mirroring",
];
