/** How much the course loads first, which a file beside its script says. */

/** Name of the file. */
export const sizeFile = "course.json";

/** What it contains, as JSON. */
export interface CourseSize {
  /** Bytes of WebAssembly together, unpacked. */
  readonly bytes: number;
}
