/** Which kind of machine this is. */

/** The operating system's and the processors' names, such as `linux` and `x86_64`. */
export const machine: { readonly os: string; readonly arch: string } = {
  os: Deno.build.os,
  arch: Deno.build.arch,
};
