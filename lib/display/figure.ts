/** Plotly figures, of which notebooks show the live ones and files hold pictures. */

/** What `Plotly.newPlot` takes. */
export interface Figure {
  readonly data: readonly object[];
  readonly layout: Readonly<Record<string, unknown>> & {
    /** Pixels. */
    readonly width: number;
    /** Pixels. */
    readonly height: number;
  };
}
