/** Handles the paths of files in memory: POSIX paths, of which relative ones begin at `/`. */

/** Returns the last part of a path, without an ending if it has that. */
export function basename(path: string, ending: string = ""): string {
  const name = path.replace(/\/+$/, "").split("/").at(-1)!;
  return name !== ending && name.endsWith(ending)
    ? name.slice(0, name.length - ending.length)
    : name;
}

/** Returns the path of the folder that a path is in. */
export function dirname(path: string): string {
  const found = /^(.*)\/[^/]+\/*$/s.exec(path);
  if (!found) return path.startsWith("/") ? "/" : ".";
  return found[1] === "" ? "/" : found[1];
}

/** Whether a path begins at `/`. */
export function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

/** Joins parts to a path, without `.` and `..` where possible. */
export function join(...parts: readonly string[]): string {
  const path = parts.filter((part) => part !== "").join("/");
  const root = isAbsolute(path) ? "/" : "";
  const names = simplified(path, root !== "").join("/");
  const end = path.endsWith("/") ? "/" : "";
  return names === "" ? root || `.${end}` : root + names + end;
}

/** Returns the way from a folder to a path; empty if they are the same. */
export function relative(from: string, to: string): string {
  const [start, target] = [from, to].map((path) => simplified(resolve(path), true));
  let common = 0;
  while (common < start.length && start[common] === target[common]) common++;
  return [...start.slice(common).map(() => ".."), ...target.slice(common)].join("/");
}

/** Returns the absolute path that parts lead to, one after another. */
export function resolve(...parts: readonly string[]): string {
  const path = parts.reduce((path, part) => isAbsolute(part) ? part : `${path}/${part}`, "/");
  return "/" + simplified(path, true).join("/");
}

/** The names along a path; `..` is left only where a relative path leads above its beginning. */
function simplified(path: string, absolute: boolean): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== ".." || (!absolute && (names.at(-1) ?? "..") === "..")) names.push(name);
    else names.pop();
  }
  return names;
}
