/** Names the operating system and processor. */

/** Names of the operating system and the processor architecture, such as `linux` and `x86_64`. */
export const machine: { readonly os: string; readonly arch: string } = {
  os: Deno.build.os,
  arch: Deno.build.arch,
};

/** Returns the path of Deno. */
export function denoPath(): string {
  return Deno.execPath();
}
