/** Plotly figures, shown live in notebooks or rendered to image files. */

/** The arguments of `Plotly.newPlot`. */
export interface Figure {
  /** Traces, such as lines and bars. */
  readonly data: readonly object[];
  /** Size, titles and axes. */
  readonly layout: Readonly<Record<string, unknown>> & {
    /** Width in pixels. */
    readonly width: number;
    /** Height in pixels. */
    readonly height: number;
  };
}
