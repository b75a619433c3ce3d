/** Computes a fingerprint of the settings that cases are preprocessed with. */

import type { Configuration, PlansData } from "../files/plans.ts";
import { sha256 } from "../platform/sha256.ts";

/** What the voxels of preprocessed cases depend on besides their files. */
export interface Recipe {
  readonly plansData: Pick<
    PlansData,
    "transposeForward" | "intensityProperties" | "imageReaderWriter"
  >;
  readonly configuration: Pick<
    Configuration,
    "spacing" | "normalizationSchemes" | "useMaskForNorm" | "resampling"
  >;
}

/** Version of the method; increased when results change, so that cases are preprocessed again. */
export const METHOD = 4;

/**
 * Returns a text that differs between recipes that make other voxels. A change of the patch size,
 * for example, makes none.
 */
export async function recipeFingerprint({ plansData, configuration }: Recipe): Promise<string> {
  const { transposeForward, intensityProperties, imageReaderWriter } = plansData;
  const { spacing, normalizationSchemes, useMaskForNorm, resampling } = configuration;
  const text = JSON.stringify({
    method: METHOD,
    ...{ transposeForward, intensityProperties, imageReaderWriter },
    ...{ spacing, normalizationSchemes, useMaskForNorm, resampling },
  });
  return (await sha256(new TextEncoder().encode(text))).toHex();
}
