/** Prepares Plotly figures for pages whose width and colours are not known. */

import type { Figure } from "../display/figure.ts";

/**
 * The colour of the texts around a figure: that of our pages, of JupyterLab and nbconvert, or of
 * VS Code; elsewhere, and in pictures that a front end makes of the figure, a grey that can be read
 * on light and dark.
 */
const textColor =
  "var(--nnunet-text, var(--jp-content-font-color1, var(--vscode-foreground, #777777)))";

type Part = Readonly<Record<string, unknown>>;

/**
 * Makes a figure as wide as its container, with texts in the colour of the texts around it.
 *
 * @returns What Plotly takes, as JSON.
 */
export function responsive({ data, layout: { width: _, ...layout } }: Figure) {
  const axes = Object.entries(layout).filter(([name]) => /^[xy]axis\d*$/.test(name));
  return {
    data: data.map((trace) => withColoredTexts(trace as Part)),
    layout: {
      ...layout,
      ...titleOf(layout),
      ...Object.fromEntries(axes.map(([name, axis]) => [name, axisWithColoredTexts(axis as Part)])),
      ...Array.isArray(layout.annotations)
        ? { annotations: layout.annotations.map((note) => ({ ...note, text: colored(note.text) })) }
        : {},
      autosize: true,
    },
    // JupyterLab resizes figures itself. With `responsive`, Plotly does as well at the same time, and
    // the second measures what the first has emptied: nothing is left of the figure's height.
    config: { displaylogo: false },
  };
}

/** Colours in figures are fixed; only in the style of a text, Plotly passes on what CSS allows. */
function colored(text: string): string {
  return `<span style="color:${textColor}">${text}</span>`;
}

function withColoredTexts(trace: Part): Part {
  const { name, texttemplate, x } = trace;
  const position = (x as unknown[] | undefined)?.every((one) => typeof one === "number")
    ? "%{customdata:.5~g}"
    : "%{customdata}";
  return {
    ...trace,
    ...typeof name === "string" ? { name: colored(name) } : {},
    ...typeof texttemplate === "string" ? { texttemplate: colored(texttemplate) } : {},
    // Labels at the pointer have a background of their own, so they get no colours of the page.
    customdata: x,
    hovertemplate: `(${position}, %{y:.4~g})<extra>${name ?? ""}</extra>`,
  };
}

function axisWithColoredTexts(axis: Part): Part {
  const { ticktext } = axis;
  if (Array.isArray(ticktext)) {
    return { ...axis, ...titleOf(axis), ticktext: ticktext.map(colored) };
  }
  const [tickprefix, ticksuffix] = colored("|").split("|");
  return { ...axis, ...titleOf(axis), tickprefix, ticksuffix };
}

function titleOf(part: Part): Part {
  const title = part.title as { readonly text?: string } | undefined;
  return title?.text ? { title: { ...title, text: colored(title.text) } } : {};
}
