/**
 * Shows a volume in a page: three planes that follow one cursor.
 *
 * The script is embedded as text and has no dependencies. Its data is `ViewerData` of
 * `volume_view.ts`.
 */

const style = `
:host { all: initial; display: block; }
* { box-sizing: border-box; }
.viewer { background: #0d1117; color: #f0f3f6; border-radius: 8px; padding: 14px 16px 12px;
  font: 13px/1.4 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; max-width: 1120px; }
.head { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: baseline; margin-bottom: 10px; }
.title { font-size: 16px; font-weight: 600; }
.value { color: #9ea7b3; font-variant-numeric: tabular-nums; margin-left: auto; }
.planes { display: flex; gap: 10px; }
.plane { min-width: 0; display: flex; flex-direction: column; }
.film { background: #000; border-radius: 4px; overflow: hidden; flex: 1 0 auto; display: flex;
  align-items: center; }
canvas { display: block; width: 100%; cursor: crosshair; touch-action: none; }
canvas:focus-visible { outline: 2px solid #56b4e9; outline-offset: -2px; }
.caption { display: flex; justify-content: space-between; color: #9ea7b3; margin-top: 5px;
  font-variant-numeric: tabular-nums; }
input[type=range] { width: 100%; margin: 2px 0 0; accent-color: #56b4e9; height: 18px; }
.tools { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; margin-top: 10px; }
.tools label { display: flex; align-items: center; gap: 8px; color: #9ea7b3; }
.tools label input[type=range] { width: 110px; margin: 0; }
.layers { display: inline-flex; border: 1px solid #3d444d; border-radius: 6px; overflow: hidden; }
.layers button { all: unset; padding: 4px 12px; cursor: pointer; color: #9ea7b3; }
.layers button + button { border-left: 1px solid #3d444d; }
.layers button[aria-pressed=true] { background: #1f6feb; color: #fff; }
.layers button:focus-visible { outline: 2px solid #56b4e9; outline-offset: -2px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 10px; }
.legend label { display: flex; align-items: center; gap: 6px; cursor: pointer; }
.legend input { position: absolute; opacity: 0; width: 0; height: 0; }
.legend .swatch { width: 13px; height: 13px; border-radius: 3px; border: 2px solid; }
.legend input:not(:checked) + .swatch { background: transparent !important; }
.legend input:focus-visible + .swatch { outline: 2px solid #56b4e9; outline-offset: 1px; }
.legend .score { color: #9ea7b3; font-variant-numeric: tabular-nums; }
@media (max-width: 560px) { .planes { flex-wrap: wrap; } .plane { flex: 1 1 100% !important; } }
`;

/** Decodes base64 and decompresses gzip. */
async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Creates an element with attributes and children. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made && name !== "style") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Returns functions from a voxel to a layer's key, and from a key to a colour or undefined. */
function painterOf(layer, overlays, data, hidden) {
  const colors = new Map(data.classes.map(({ label, color }) => [label, color]));
  const colorOf = (label) =>
    label === 0 || hidden.has(label) ? undefined : colors.get(label) ?? data.unnamed;
  if (layer.kind === "labels") {
    const labels = overlays[layer.overlay];
    return { keyOf: (voxel) => labels[voxel], colorOf: (key) => colorOf(key), outlined: true };
  }
  const [truth, prediction] = layer.compared.map((overlay) => overlays[overlay]);
  const { missed, added, wrong } = data.errorColors;
  const errorOf = (voxel) => {
    const expected = truth[voxel], found = prediction[voxel];
    if (expected === found || (expected !== 0 && !colors.has(expected))) return 0;
    return found === 0 ? 1 : expected === 0 ? 2 : 3;
  };
  return { keyOf: errorOf, colorOf: (key) => [, missed, added, wrong][key], outlined: false };
}

/** Returns, for each pixel along an axis of a view, its voxel's offset from the slice's first. */
function stepsOf({ axis, reversed }, shape, strides, pixels) {
  return Int32Array.from({ length: pixels }, (_, pixel) => {
    const index = Math.min(shape[axis] - 1, Math.floor((pixel + 0.5) * shape[axis] / pixels));
    return (reversed ? shape[axis] - 1 - index : index) * strides[axis];
  });
}

export async function openViewer(host, data) {
  const { shape, spacing, views } = data;
  const strides = [shape[1] * shape[2], shape[2], 1];
  const [scan, ...overlays] = await Promise.all(
    [data.scan.voxels, ...data.overlays.map(({ voxels }) => voxels)].map(unpack),
  );
  data.overlays.forEach(({ bytes }, i) => {
    if (bytes === 2) overlays[i] = new Uint16Array(overlays[i].buffer);
  });

  const [lowest, highest] = data.scan.range;
  const state = {
    cursor: [...data.cursor],
    window: [...data.window],
    opacity: data.opacity,
    layer: data.layers[data.layer],
    hidden: new Set(),
  };
  const valueOf = (level) => lowest + level * (highest - lowest) / 255;
  const rounded = (value) => Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);

  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const readout = element("span", { className: "value" });
  const viewer = element(
    "div",
    { className: "viewer" },
    element(
      "div",
      { className: "head" },
      element("span", { className: "title" }, data.title),
      readout,
    ),
  );
  root.replaceChildren(element("style", {}, style), viewer);

  // Widths are proportional to millimetres, so that all planes have the same scale.
  const extent = (axis) => shape[axis] * spacing[axis];
  const scale = Math.max(...views.map(({ down }) => extent(down.axis)));
  const narrow = views.reduce((sum, { across }) => sum + extent(across.axis), 0) / scale;
  const row = element("div", { className: "planes" });
  if (narrow < 2.4) viewer.style.maxWidth = `${Math.max(420, Math.round(1120 * narrow / 2.4))}px`;
  const planes = views.map((view) => {
    const canvas = element("canvas", { tabIndex: 0 });
    canvas.setAttribute("aria-label", `${view.name} slice`);
    canvas.style.aspectRatio = `${extent(view.across.axis)} / ${extent(view.down.axis)}`;
    const slider = element("input", {
      type: "range",
      min: 0,
      max: shape[view.through] - 1,
      step: 1,
    });
    slider.setAttribute("aria-label", `${view.name} position`);
    slider.dataset.view = view.name;
    const place = element("span");
    const caption = element(
      "div",
      { className: "caption" },
      element("span", {}, view.name),
      place,
    );
    const box = element(
      "div",
      { className: "plane" },
      element("div", { className: "film" }, canvas),
    );
    if (shape[view.through] > 1) box.append(caption, slider);
    box.style.flex = `${extent(view.across.axis)} 1 0`;
    row.append(box);
    return { view, canvas, slider, place, slice: document.createElement("canvas") };
  });
  viewer.append(row);

  function paint({ view, canvas, slider, place, slice }) {
    const { across, down, through, name } = view;
    const position = state.cursor[through];
    slider.value = position;
    const stride = data.stride[through];
    place.textContent = `${position * stride + 1} / ${data.fullShape[through]}`;
    const first = position * strides[through];

    const width = Math.round(canvas.clientWidth * (globalThis.devicePixelRatio || 1));
    const height = Math.round(width * extent(down.axis) / extent(across.axis));
    if (width === 0) return; // Not visible yet; the observer calls again.
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d", { willReadFrequently: true });

    // The scan is drawn at its own resolution and smoothed by the browser when enlarged.
    const columns = stepsOf(across, shape, strides, shape[across.axis]);
    const rows = stepsOf(down, shape, strides, shape[down.axis]);
    slice.width = columns.length;
    slice.height = rows.length;
    const grey = new ImageData(columns.length, rows.length);
    const [low, high] = state.window;
    const lookup = Uint8ClampedArray.from(
      { length: 256 },
      (_, level) => 255 * (valueOf(level) - low) / Math.max(high - low, 1e-20),
    );
    const dimmed = state.layer.kind === "errors" ? 0.55 : 1;
    let pixel = 0;
    for (const down of rows) {
      for (const across of columns) {
        const level = dimmed * lookup[scan[first + down + across]];
        grey.data[pixel++] = level;
        grey.data[pixel++] = level;
        grey.data[pixel++] = level;
        grey.data[pixel++] = 255;
      }
    }
    slice.getContext("2d").putImageData(grey, 0, 0);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(slice, 0, 0, width, height);

    if (state.layer.kind !== "none") paintLayer(context, width, height, view, first);
    paintCursor(context, width, height, view);
    if (across.sides) {
      const size = Math.round(13 * (globalThis.devicePixelRatio || 1));
      context.font = `${size}px system-ui, sans-serif`;
      context.fillStyle = "#f0f3f6";
      context.strokeStyle = "rgba(0, 0, 0, 0.7)";
      context.lineWidth = 3;
      const marks = [[across.sides[0], 6, height / 2, "left"], [
        across.sides[1],
        width - 6,
        height / 2,
        "right",
      ]];
      for (const [text, x, y, align] of marks) {
        context.textAlign = align;
        context.strokeText(text, x, y);
        context.fillText(text, x, y);
      }
    }
    canvas.dataset.painted = `${name} ${position}`;
  }

  /** Draws colours at the resolution of the screen, so that outlines are thin. */
  function paintLayer(context, width, height, view, first) {
    const { keyOf, colorOf, outlined } = painterOf(state.layer, overlays, data, state.hidden);
    const columns = stepsOf(view.across, shape, strides, width);
    const rows = stepsOf(view.down, shape, strides, height);
    const keys = new Uint16Array(width * height);
    let pixel = 0;
    for (const down of rows) {
      for (const across of columns) keys[pixel++] = keyOf(first + down + across);
    }
    const picture = context.getImageData(0, 0, width, height);
    const line = Math.max(1, Math.round(1.5 * (globalThis.devicePixelRatio || 1)));
    for (let y = 0, pixel = 0; y < height; y++) {
      for (let x = 0; x < width; x++, pixel++) {
        const key = keys[pixel];
        const color = colorOf(key);
        if (!color) continue;
        const isEdge = outlined && (
          (x >= line && keys[pixel - line] !== key) ||
          (x + line < width && keys[pixel + line] !== key) ||
          (y >= line && keys[pixel - line * width] !== key) ||
          (y + line < height && keys[pixel + line * width] !== key)
        );
        const opacity = Math.min(1, isEdge ? 2.2 * state.opacity : state.opacity);
        for (let part = 0; part < 3; part++) {
          const below = picture.data[4 * pixel + part];
          picture.data[4 * pixel + part] = below + opacity * (color[part] - below);
        }
      }
    }
    context.putImageData(picture, 0, 0);
  }

  function paintCursor(context, width, height, { across, down }) {
    if (views.length === 1) return;
    const at = ({ axis, reversed }, pixels) => {
      const index = state.cursor[axis];
      return ((reversed ? shape[axis] - 1 - index : index) + 0.5) * pixels / shape[axis];
    };
    const [x, y] = [at(across, width), at(down, height)];
    context.strokeStyle = "rgba(255, 255, 255, 0.35)";
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.moveTo(0, y);
    context.lineTo(width, y);
    context.stroke();
  }

  function describeCursor() {
    const [z, y, x] = state.cursor;
    const voxel = z * strides[0] + y * strides[1] + x;
    const full = (index, axis) => index * data.stride[axis] + (data.stride[axis] >> 1);
    const nameOf = (label) =>
      label === 0
        ? "background"
        : data.classes.find((each) => each.label === label)?.name ?? `label ${label}`;
    const found = data.overlays.map(({ name }, i) => `${name}: ${nameOf(overlays[i][voxel])}`);
    readout.textContent = [
      `(z, y, x) = (${state.cursor.map(full).join(", ")})`,
      `value ${rounded(valueOf(scan[voxel]))}`,
      ...found,
    ].join(" · ");
  }

  let scheduled = false;
  function update() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      planes.forEach(paint);
      describeCursor();
    });
  }

  for (const { view, canvas, slider } of planes) {
    const { across, down, through } = view;
    const limit = (axis, index) => Math.min(shape[axis] - 1, Math.max(0, index));
    slider.addEventListener("input", () => {
      state.cursor[through] = Number(slider.value);
      update();
    });
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      const pick = ({ axis, reversed }, share) => {
        const index = limit(axis, Math.floor(share * shape[axis]));
        state.cursor[axis] = reversed ? shape[axis] - 1 - index : index;
      };
      pick(across, (event.clientX - box.left) / box.width);
      pick(down, (event.clientY - box.top) / box.height);
      update();
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      point(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons > 0) point(event);
    });
    // Arrow keys and the wheel with Ctrl or Shift change the slice; a plain wheel scrolls the page.
    const moveBy = (steps) => {
      state.cursor[through] = limit(through, state.cursor[through] + steps);
      update();
    };
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.shiftKey) return;
      event.preventDefault();
      moveBy(Math.sign(event.deltaY || event.deltaX));
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
      if (!steps) return;
      event.preventDefault();
      event.stopPropagation();
      moveBy(steps);
    });
  }

  // Tools.
  const tools = element("div", { className: "tools" });
  if (data.layers.length > 1) {
    const buttons = data.layers.map((layer) => {
      const button = element("button", { type: "button" }, layer.name);
      button.addEventListener("click", () => {
        state.layer = layer;
        mark();
        update();
      });
      return button;
    });
    const mark = () =>
      buttons.forEach((button, i) =>
        button.setAttribute("aria-pressed", `${data.layers[i] === state.layer}`)
      );
    mark();
    tools.append(element("span", { className: "layers" }, ...buttons));
  }
  const addSlider = (name, options, onInput) => {
    const slider = element("input", { type: "range", ...options });
    slider.setAttribute("aria-label", name);
    slider.addEventListener("input", () => {
      onInput(Number(slider.value));
      update();
    });
    tools.append(element("label", {}, name, slider));
  };
  if (overlays.length > 0) {
    addSlider(
      "overlay",
      { min: 0, max: 1, step: 0.01, value: state.opacity },
      (value) => state.opacity = value,
    );
  }
  // The level slider covers the range; the window slider covers 1 % to 150 % of its width.
  const [low, high] = data.window;
  const span = highest - lowest || 1;
  let level = (low + high) / 2;
  let width = high - low || span;
  const setWindow = () => state.window = [level - width / 2, level + width / 2];
  addSlider("level", { min: lowest, max: highest, step: span / 500, value: level }, (value) => {
    level = value;
    setWindow();
  });
  addSlider(
    "window",
    { min: span / 100, max: 1.5 * span, step: span / 500, value: width },
    (value) => {
      width = value;
      setWindow();
    },
  );
  viewer.append(tools);

  if (data.classes.length > 0) {
    const items = data.classes.map(({ label, name, color, dice }) => {
      const box = element("input", { type: "checkbox", checked: true });
      box.addEventListener("change", () => {
        if (box.checked) state.hidden.delete(label);
        else state.hidden.add(label);
        update();
      });
      const swatch = element("span", { className: "swatch" });
      swatch.style.background = swatch.style.borderColor = `rgb(${color})`;
      const parts = [box, swatch, name];
      if (dice !== undefined) {
        parts.push(element("span", { className: "score" }, `Dice ${dice.toFixed(3)}`));
      }
      return element("label", {}, ...parts);
    });
    viewer.append(element("div", { className: "legend" }, ...items));
  }
  if (data.layers.some(({ kind }) => kind === "errors")) {
    const items = Object.entries({ missed: "missed", added: "added", wrong: "wrong class" }).map(
      ([kind, name]) => {
        const swatch = element("span", { className: "swatch" });
        swatch.style.background = swatch.style.borderColor = `rgb(${data.errorColors[kind]})`;
        return element("label", {}, swatch, name);
      },
    );
    viewer.append(
      element(
        "div",
        { className: "legend" },
        element("span", { className: "score" }, "Errors:"),
        ...items,
      ),
    );
  }

  new ResizeObserver(update).observe(row);
  update();
}
