/** Signed distances to simple solids: negative inside, in the unit of their arguments. */

/** Stands for distances in mm that are too long to matter: not computing them saves much time. */
export const far = 12;

/**
 * Distance to an axis-aligned ellipsoid centred at the origin: exact at the surface, a good
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

/** The lesser of two distances, the crease rounded over a width of `k`. */
export function smoothMinimum(a: number, b: number, k: number): number {
  const overlap = Math.max(k - Math.abs(a - b), 0);
  return Math.min(a, b) - (overlap * overlap) / (4 * k);
}

/** The greater of two distances, the crease rounded over a width of `k`. */
export function smoothMaximum(a: number, b: number, k: number): number {
  return -smoothMinimum(-a, -b, k);
}
