/** Shows a drawing in the colours of its page; its data comes from `charts.ts`. */

export function openDrawing(host, { label, drawings: [wide, narrow] }) {
  const sources = { wide, narrow };
  let shown;
  const draw = () => {
    const chosen = host.clientWidth > 0 && host.clientWidth < 560 ? "narrow" : "wide";
    if (chosen === shown) return;
    shown = chosen;
    host.innerHTML = sources[chosen];
    const drawing = host.querySelector("svg");
    const [width, height] = ["width", "height"].map((name) =>
      parseFloat(drawing.getAttribute(name))
    );
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", label);
    drawing.style.cssText += ";display:block;max-width:100%;height:auto";
  };
  draw();
  new ResizeObserver(draw).observe(host);
}
