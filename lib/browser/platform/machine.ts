/** Names the machine of a page; stands in for `lib/platform/machine.ts`. */

/** What a page runs on, whatever the computer is. */
export const machine: { readonly os: string; readonly arch: string } = {
  os: "browser",
  arch: "wasm32",
};
