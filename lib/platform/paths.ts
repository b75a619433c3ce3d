/** Handles paths in the system's format. */

export { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
