/** Paths as this system writes them. */

export { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
