/** Reads a member's probabilities of a case: `CASE.npz` and the properties in `CASE.pkl`. */

import type { Shape } from "../array/nd_array.ts";
import { type NpyReader, NpzFile } from "../interop/npz.ts";

/** Names of the array in nnU-Net version 2 and version 1. */
const arrayNames = ["probabilities", "softmax"];

/** An open file of probabilities. */
export interface MemberFile extends AsyncDisposable {
  readonly probabilities: NpyReader;
}

/**
 * Opens a member's file.
 *
 * @throws {RangeError} If it has no probabilities, or they do not have four axes.
 * @throws As `NpzFile.open()` and its `array()`.
 */
export async function openMember(path: string): Promise<MemberFile> {
  const file = await NpzFile.open(path);
  try {
    const name = arrayNames.find((each) => file.names.includes(each)) ?? arrayNames[0];
    const probabilities = await file.array(name);
    if (probabilities.shape.length !== 4) {
      throw new RangeError(
        `Cannot read ${path}: probabilities have shape (${probabilities.shape.join(", ")}), ` +
          "expected (classes, z, y, x)",
      );
    }
    return {
      probabilities,
      async [Symbol.asyncDispose]() {
        await probabilities.cancel();
        file.close();
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Reads the shape of probabilities, (classes, z, y, x). @throws As {@link openMember}. */
export async function memberShape(path: string): Promise<Shape> {
  await using member = await openMember(path);
  return member.probabilities.shape;
}

/** Returns the path of the properties for a file of probabilities. */
export function propertiesOf(path: string): string {
  return path.replace(/\.npz$/, ".pkl");
}
