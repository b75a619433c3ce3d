/** Adds the slider in a page; its data comes from `slides.ts`. */

export function openSlides(host, { name, labels, start }) {
  const frames = [...host.querySelectorAll("[data-slide]")];
  // The slider shows the captions' text.
  host.querySelectorAll("[data-caption]").forEach((caption) => caption.remove());
  const bar = document.createElement("div");
  bar.style.cssText = "display:flex;gap:12px;align-items:center;font:13px system-ui,sans-serif;" +
    "margin:4px 0 8px;max-width:640px";
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = frames.length - 1;
  slider.value = start;
  slider.style.cssText = "flex:1;accent-color:#0072b2";
  slider.setAttribute("aria-label", name);
  const value = document.createElement("output");
  value.style.cssText = "min-width:9em;font-variant-numeric:tabular-nums;font-weight:600";
  const title = document.createElement("span");
  title.textContent = name;
  bar.append(title, slider, value);
  host.prepend(bar);
  const update = () => {
    const chosen = Number(slider.value);
    frames.forEach((frame, i) => frame.style.display = i === chosen ? "" : "none");
    value.textContent = labels[chosen];
  };
  slider.addEventListener("input", update);
  update();
}
