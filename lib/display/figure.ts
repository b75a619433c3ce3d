/** Plotly figures, shown live in notebooks or rendered to image files. */

/** The arguments of `Plotly.newPlot`. */
export interface Figure {
  readonly data: readonly object[];
  readonly layout: Readonly<Record<string, unknown>> & {
    /** Width in pixels. */
    readonly width: number;
    /** Height in pixels. */
    readonly height: number;
  };
}
