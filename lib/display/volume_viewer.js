/**
 * Shows a volume in a page: three planes that follow one cursor.
 *
 * The script has no dependencies: notebooks embed it as text, and the page of a model imports it. Its
 * data is `ViewerData` of `viewer_data.ts`.
 */

const style = `
:host { all: initial; display: block; }
* { box-sizing: border-box; }
.viewer { background: #0d1117; color: #f0f3f6; border-radius: 8px; padding: 14px 16px 12px;
  font: 13px/1.4 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; max-width: 1120px;
  container-type: inline-size; color-scheme: dark; }
.title { font-size: 16px; font-weight: 600; overflow-wrap: anywhere; }
/* Its length changes with the cursor, its height must not. */
.value { color: #9ea7b3; font-variant-numeric: tabular-nums; margin: 2px 0 8px; height: 1.4em;
  overflow: hidden; }
.planes { display: flex; gap: 10px; }
.plane { min-width: 0; display: flex; flex-direction: column; }
.film { background: #000; border-radius: 4px; overflow: hidden; flex: 1 0 auto; display: flex;
  align-items: center; }
/* Fingers scroll the page up and down, and move the cursor sideways and by tapping. */
canvas { display: block; width: 100%; cursor: crosshair; touch-action: pan-y; }
canvas:focus-visible { outline: 2px solid #56b4e9; outline-offset: -2px; }
.caption { display: flex; justify-content: space-between; color: #9ea7b3; margin-top: 5px;
  font-variant-numeric: tabular-nums; }
input[type=range] { width: 100%; margin: 0; accent-color: #56b4e9; height: 24px;
  touch-action: pan-y; }
.tools { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; margin-top: 10px; }
.tools label { display: flex; align-items: center; gap: 8px; color: #9ea7b3; }
.tools label input[type=range] { width: 110px; margin: 0; }
.layers { display: inline-flex; border: 1px solid #3d444d; border-radius: 6px; overflow: hidden; }
.layers button { all: unset; padding: 5px 12px; cursor: pointer; color: #9ea7b3; }
.layers button + button { border-left: 1px solid #3d444d; }
.layers button[aria-pressed=true] { background: #1f6feb; color: #fff; }
.layers button:focus-visible { outline: 2px solid #56b4e9; outline-offset: -2px; }
/* The legends lie over each other: one of them is visible, and its height is that of both. */
.legends { display: grid; margin-top: 10px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; grid-area: 1 / 1; align-content: start; }
.legend label, .legend .item { display: flex; align-items: center; gap: 6px; min-height: 24px; }
.legend label { cursor: pointer; position: relative; }
.legend input { position: absolute; opacity: 0; inset: 0; width: 100%; height: 100%; margin: 0;
  cursor: pointer; }
.legend .swatch { width: 13px; height: 13px; border-radius: 3px; border: 2px solid; }
.legend canvas.swatch { border: 0; }
.legend input:not(:checked) + .swatch { background: transparent !important; }
.legend input:focus-visible + .swatch { outline: 2px solid #56b4e9; outline-offset: 1px; }
.legend .score { color: #9ea7b3; font-variant-numeric: tabular-nums; }
@container (max-width: 800px) { .value { height: 2.8em; } }
@container (max-width: 480px) { .planes { flex-wrap: wrap; } .plane { flex: 1 1 100% !important; }
  .tools label { flex: 1 1 100%; } .tools label span { width: 4em; }
  .tools label input[type=range] { flex: 1; } .value { height: 4.2em; } .layers { flex: 1 1 100%; } .layers button { flex: 1; text-align: center;
  padding: 5px 2px; } }
`;

/** Returns bytes as they are; base64, or a promise of it, is decoded and decompressed. */
async function unpack(voxels) {
  const given = await voxels;
  if (given instanceof Uint8Array) return given;
  const packed = Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0));
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
  return { keyOf: errorOf, colorOf: (key) => [, missed, added, wrong][key], hatched: true };
}

/** Whether a pixel is on a stripe: of missed voxels rising, of added ones falling, else both. */
function isOnStripe(key, x, y, period) {
  const rises = (x + y) % period < period / 2;
  const falls = ((x - y) % period + period) % period < period / 2;
  return key === 1 ? rises : key === 2 ? falls : rises !== falls;
}

/** Paints the swatch of a kind of error as its voxels are. */
function errorSwatch(key, color) {
  const swatch = element("canvas", { className: "swatch", width: 26, height: 26 });
  const context = swatch.getContext("2d");
  for (let y = 0; y < 26; y++) {
    for (let x = 0; x < 26; x++) {
      context.fillStyle = `rgba(${color}, ${isOnStripe(key, x, y, 13) ? 1 : 0.3})`;
      context.fillRect(x, y, 1, 1);
    }
  }
  return swatch;
}

/** Returns, for each pixel along an axis of a view, its voxel's offset from the slice's first. */
function stepsOf({ axis, reversed }, shape, strides, pixels) {
  return Int32Array.from({ length: pixels }, (_, pixel) => {
    const index = Math.min(shape[axis] - 1, Math.floor((pixel + 0.5) * shape[axis] / pixels));
    return (reversed ? shape[axis] - 1 - index : index) * strides[axis];
  });
}

export function openViewer(host, data) {
  const { shape, spacing, views } = data;
  const strides = [shape[1] * shape[2], shape[2], 1];
  // The viewer has its size at once; the voxels follow.
  let scan;
  let overlays = [];
  const unpackVoxels = async () => {
    [scan, ...overlays] = await Promise.all(
      [data.scan.voxels, ...data.overlays.map(({ voxels }) => voxels)].map(unpack),
    );
    data.overlays.forEach(({ bytes }, i) => {
      const { buffer, byteOffset, byteLength } = overlays[i];
      if (bytes === 2) overlays[i] = new Uint16Array(buffer, byteOffset, byteLength / 2);
    });
  };

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
  const readout = element("div", { className: "value" });
  const viewer = element(
    "div",
    { className: "viewer" },
    element("div", { className: "title" }, data.title),
    readout,
  );
  // A sheet made by a script is allowed where a page's policy forbids style elements.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  root.replaceChildren(viewer);

  // Widths are proportional to millimetres, so that all planes have the same scale.
  const extent = (axis) => shape[axis] * spacing[axis];
  const scale = Math.max(...views.map(({ down }) => extent(down.axis)));
  const narrow = views.reduce((sum, { across }) => sum + extent(across.axis), 0) / scale;
  const row = element("div", { className: "planes" });
  if (narrow < 2.4) viewer.style.maxWidth = `${Math.max(420, Math.round(1120 * narrow / 2.4))}px`;
  const planes = views.map((view) => {
    const canvas = element("canvas", { tabIndex: 0 });
    // The keys that move a slider move a slice.
    canvas.setAttribute("role", "slider");
    canvas.setAttribute("aria-label", `${view.name} slice`);
    canvas.setAttribute("aria-valuemin", 1);
    canvas.setAttribute("aria-valuemax", data.fullShape[view.through]);
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
    const number = position * data.stride[through] + 1;
    place.textContent = `${number} / ${data.fullShape[through]}`;
    slider.setAttribute("aria-valuetext", `${number} of ${data.fullShape[through]}`);
    canvas.setAttribute("aria-valuenow", number);
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
    const { keyOf, colorOf, outlined, hatched } = painterOf(
      state.layer,
      overlays,
      data,
      state.hidden,
    );
    const columns = stepsOf(view.across, shape, strides, width);
    const rows = stepsOf(view.down, shape, strides, height);
    const keys = new Uint16Array(width * height);
    let pixel = 0;
    for (const down of rows) {
      for (const across of columns) keys[pixel++] = keyOf(first + down + across);
    }
    const picture = context.getImageData(0, 0, width, height);
    const line = Math.max(1, Math.round(1.5 * (globalThis.devicePixelRatio || 1)));
    const period = Math.round(8 * (globalThis.devicePixelRatio || 1));
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
        const isStrong = isEdge || (hatched && isOnStripe(key, x, y, period));
        const opacity = Math.min(1, isStrong ? 2.2 * state.opacity : state.opacity);
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
    const described = [
      `(z, y, x) = (${state.cursor.map(full).join(", ")})`,
      `value ${rounded(valueOf(scan[voxel]))}`,
      ...found,
    ].join(" · ");
    readout.textContent = described;
    planes.forEach(({ canvas }) => canvas.setAttribute("aria-valuetext", described));
  }

  let scheduled = false;
  function update() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      if (!scan) return;
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
      const last = shape[through];
      const steps = {
        ArrowUp: 1,
        ArrowRight: 1,
        ArrowDown: -1,
        ArrowLeft: -1,
        PageUp: 10,
        PageDown: -10,
        Home: -last,
        End: last,
      }[event.key];
      if (!steps || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
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
        chooseLegend();
        update();
      });
      return button;
    });
    const mark = () =>
      buttons.forEach((button, i) =>
        button.setAttribute("aria-pressed", `${data.layers[i] === state.layer}`)
      );
    mark();
    tools.append(
      element("span", { className: "layers", role: "group", ariaLabel: "layer" }, ...buttons),
    );
  }
  const addSlider = (name, options, onInput) => {
    const slider = element("input", { type: "range", ...options });
    slider.setAttribute("aria-label", name);
    slider.addEventListener("input", () => {
      onInput(Number(slider.value));
      update();
    });
    tools.append(element("label", {}, element("span", {}, name), slider));
  };
  if (data.overlays.length > 0) {
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

  const legends = element("div", { className: "legends" });
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
    legends.append(
      element("div", { className: "legend", role: "group", ariaLabel: "classes" }, ...items),
    );
  }
  if (data.layers.some(({ kind }) => kind === "errors")) {
    const { missed, added, wrong } = data.errorColors;
    const items = [["missed", missed], ["added", added], ["wrong class", wrong]].map(
      ([name, color], i) => element("span", { className: "item" }, errorSwatch(i + 1, color), name),
    );
    legends.append(
      element(
        "div",
        { className: "legend errors" },
        element("span", { className: "item score" }, "Errors:"),
        ...items,
      ),
    );
  }
  viewer.append(legends);

  /** Shows what the colours of the current layer mean. */
  function chooseLegend() {
    for (const legend of legends.children) {
      const isOfErrors = legend.classList.contains("errors");
      const isShown = isOfErrors === (state.layer.kind === "errors");
      legend.style.visibility = isShown ? "" : "hidden";
    }
  }
  chooseLegend();

  new ResizeObserver(update).observe(row);
  unpackVoxels().then(update);
}
