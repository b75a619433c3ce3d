/**
 * Chooses the normalisation of each channel.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/normalization
 */

import type { Fingerprint, NormalizationScheme } from "../files/plans.ts";
import type { Note } from "./reason.ts";

const schemes: Readonly<Record<string, NormalizationScheme>> = {
  ct: "CTNormalization",
  nonorm: "NoNormalization",
  zscore: "ZScoreNormalization",
  rescale_to_0_1: "RescaleTo01Normalization",
  rgb_to_0_1: "RGBTo01Normalization",
};

/** Names of all schemes. */
export const schemeNames: readonly NormalizationScheme[] = Object.values(schemes);

/** If cropping leaves less than this fraction, statistics use only the nonzero mask. */
const MASK_BELOW_FRACTION = 3 / 4;

/** Returns the scheme of a channel name, ignoring case; z-score for unknown names. */
export function normalizationScheme(channelName: string): NormalizationScheme {
  const key = channelName.toLowerCase();
  return Object.hasOwn(schemes, key) ? schemes[key] : "ZScoreNormalization";
}

/**
 * Chooses the scheme of each channel and whether it uses only the nonzero region.
 *
 * @param requested One scheme per channel, overriding those implied by channel names.
 */
export function planNormalization(
  channelNames: readonly string[],
  fingerprint: Fingerprint,
  requested?: readonly NormalizationScheme[],
  note: Note = () => {},
) {
  const isMostlyEmpty = fingerprint.medianRelativeSizeAfterCropping < MASK_BELOW_FRACTION;
  const normalizationSchemes = requested ?? channelNames.map(normalizationScheme);
  const useMaskForNorm = normalizationSchemes.map((scheme) =>
    isMostlyEmpty && scheme === "ZScoreNormalization"
  );
  note({
    decision: "normalisation",
    chosen: normalizationSchemes.join(", "),
    rule: (requested ? "As requested" : "By the channel's name") +
      "; z-scores use only the nonzero region if cropping leaves " +
      `less than ${MASK_BELOW_FRACTION * 100} % of an image`,
    numbers: {
      channels: channelNames,
      shareLeftByCropping: fingerprint.medianRelativeSizeAfterCropping,
    },
  });
  return { normalizationSchemes, useMaskForNorm };
}
