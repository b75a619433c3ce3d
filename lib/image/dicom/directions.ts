/** Arithmetic on directions in space. */

/** The direction perpendicular to two others that completes a right-handed system. */
export function crossProduct(
  [a, b, c]: readonly number[],
  [d, e, f]: readonly number[],
): [number, number, number] {
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

/** The scalar product, which is the cosine between two unit vectors. */
export function dotProduct(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, axis) => sum + value * b[axis], 0);
}
