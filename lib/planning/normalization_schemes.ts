/**
 * Which normalisation each channel gets.
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

/** Below this share left by cropping, statistics are taken inside the nonzero mask only. */
const MASK_BELOW_SHARE = 3 / 4;

/** The scheme of a channel name, in any case of letters; z-score for names that mean none. */
export function normalizationScheme(channelName: string): NormalizationScheme {
  const key = channelName.toLowerCase();
  return Object.hasOwn(schemes, key) ? schemes[key] : "ZScoreNormalization";
}

/**
 * Scheme of each channel, and whether it looks only at the nonzero region.
 *
 * @param asked One scheme per channel, instead of those that the channels' names mean.
 */
export function planNormalization(
  channelNames: readonly string[],
  fingerprint: Fingerprint,
  asked?: readonly NormalizationScheme[],
  note: Note = () => {},
) {
  const isMostlyEmpty = fingerprint.medianRelativeSizeAfterCropping < MASK_BELOW_SHARE;
  const normalizationSchemes = asked ?? channelNames.map(normalizationScheme);
  const useMaskForNorm = normalizationSchemes.map((scheme) =>
    isMostlyEmpty && scheme === "ZScoreNormalization"
  );
  note({
    decision: "normalisation",
    chosen: normalizationSchemes.join(", "),
    rule: (asked ? "As asked for" : "By the channel's name") +
      "; z-scores look only at the nonzero region where cropping leaves " +
      `less than ${MASK_BELOW_SHARE * 100} % of an image`,
    numbers: {
      channels: channelNames,
      shareLeftByCropping: fingerprint.medianRelativeSizeAfterCropping,
    },
  });
  return { normalizationSchemes, useMaskForNorm };
}
