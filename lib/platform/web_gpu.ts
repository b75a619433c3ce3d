/** Provides the parts of WebGPU that describe devices. */

/** What WebGPU says about a device. */
export interface AdapterInfo {
  readonly description: string;
  readonly vendor?: string;
  readonly architecture?: string;
  readonly isFallbackAdapter?: boolean;
}

/** The parts of the WebGPU interface that are used. */
export interface WebGpu {
  requestAdapter(options?: { readonly powerPreference: "high-performance" }): Promise<
    {
      readonly info: AdapterInfo;
      readonly limits: { readonly maxStorageBufferBindingSize: number };
      readonly features: ReadonlySet<string>;
    } | null
  >;
}

/** Returns the WebGPU interface, or undefined if there is none. Deno has it behind a flag. */
export function webGpu(): WebGpu | undefined {
  return (navigator as { readonly gpu?: WebGpu }).gpu;
}
