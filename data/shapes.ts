/** Signed distances to simple solids, negative inside, in the unit of the arguments. */

/** Returned for distances in mm too large to matter; not computing them saves much time. */
export const far = 12;

/**
 * Returns the distance to an axis-aligned ellipsoid at the origin, exact at the surface and a good
 * estimate near it.
 *
 * @see Inigo Quilez, https://iquilezles.org/articles/ellipsoids/
 */
export function ellipsoid(
  x: number,
  y: number,
  z: number,
  radiusX: number,
  radiusY: number,
  radiusZ: number,
): number {
  const ux = x / radiusX, uy = y / radiusY, uz = z / radiusZ;
  const vx = ux / radiusX, vy = uy / radiusY, vz = uz / radiusZ;
  const level = Math.sqrt(ux * ux + uy * uy + uz * uz);
  const slope = Math.sqrt(vx * vx + vy * vy + vz * vz);
  if (slope < 1e-9) return -Math.min(radiusX, radiusY, radiusZ);
  return (level * (level - 1)) / slope;
}

/** Returns the minimum of two distances, smoothed over a width of `k`. */
export function smoothMinimum(a: number, b: number, k: number): number {
  const overlap = Math.max(k - Math.abs(a - b), 0);
  return Math.min(a, b) - (overlap * overlap) / (4 * k);
}

/** Returns the maximum of two distances, smoothed over a width of `k`. */
export function smoothMaximum(a: number, b: number, k: number): number {
  return -smoothMinimum(-a, -b, k);
}
