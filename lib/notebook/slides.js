/** Adds the slider in a page; its data comes from `slides.ts`. */

export function openSlides(host, { name, labels, start }) {
  const frames = [...host.querySelectorAll("[data-slide]")]
    .filter((frame) => frame.parentElement === host);
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = frames.length - 1;
  slider.value = start;
  slider.style.cssText = "flex:1 1 8em;min-width:0;height:24px;margin:0;accent-color:#0072b2;" +
    "touch-action:pan-y";
  slider.setAttribute("aria-label", name);
  const value = document.createElement("output");
  // All labels lie over each other, so that the longest decides the width.
  value.style.cssText = "display:inline-grid;font-variant-numeric:tabular-nums;font-weight:600";
  const texts = labels.map((label) => {
    const text = document.createElement("span");
    text.textContent = label;
    text.style.gridArea = "1 / 1";
    return text;
  });
  value.append(...texts);
  const title = document.createElement("span");
  title.textContent = name;
  const bar = document.createElement("div");
  bar.style.cssText = "display:flex;flex-wrap:wrap;gap:2px 12px;align-items:center;" +
    "font:13px/1.5 system-ui,sans-serif;margin:4px 0 8px;max-width:640px";
  bar.append(title, slider, value);

  // Slides lie over each other too: what is below the highest one stays where it is.
  const stack = document.createElement("div");
  stack.style.cssText = "display:grid;grid-template-columns:minmax(0,1fr);align-items:start";
  for (const frame of frames) {
    frame.querySelector("[data-caption]").remove(); // The slider shows its text.
    frame.style.cssText = "grid-area:1/1;min-width:0";
    stack.append(frame);
  }
  host.replaceChildren(bar, stack);

  const update = () => {
    const chosen = Number(slider.value);
    for (const each of [frames, texts]) {
      each.forEach((one, i) => one.style.visibility = i === chosen ? "" : "hidden");
    }
    slider.setAttribute("aria-valuetext", labels[chosen]);
  };
  slider.addEventListener("input", update);
  update();
}
