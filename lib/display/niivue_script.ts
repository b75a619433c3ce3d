/** The source of NiiVue, which draws labels in 3D in a page. */

/**
 * Returns NiiVue's module, which its package holds as a percent-encoded string, without its
 * WebAssembly decoders for Zarr: half of its bytes, used only when opening Zarr files.
 */
export async function niivueScript(): Promise<string> {
  const { esm } = await import("../packages/niivue.ts") as { esm: string };
  return decodeURIComponent(esm).replaceAll(/(?<=")AGFzb[A-Za-z0-9+/=]+(?=")/g, "");
}
