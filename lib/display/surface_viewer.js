/** Shows labels in 3D in a page with NiiVue; its data is `SurfaceData` of `surface_data.ts`. */

/** Returns bytes as they are; base64, or a promise of it, is decoded and decompressed. */
async function unpack(bytes) {
  const given = await bytes;
  if (given instanceof Uint8Array) return given;
  const packed = Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).arrayBuffer();
}

/** Returns NiiVue, which one output of the page contains for all. */
function niivueOf(page, packedScript) {
  page.nnunetNiivue ??= Promise.withResolvers();
  if (packedScript) {
    page.nnunetNiivue.resolve((async () => {
      const module = new Blob([await unpack(packedScript)], { type: "text/javascript" });
      return await import(URL.createObjectURL(module));
    })());
  }
  return page.nnunetNiivue.promise;
}

/** Degrees by which a key turns the view. */
const TURN = 10;

const style = `
.viewer { background: #0d1117; color: #f0f3f6; border-radius: 8px; padding: 14px 16px 12px;
  font: 13px/1.4 system-ui, "DejaVu Sans", sans-serif; max-width: 720px; color-scheme: dark; }
.title { font-size: 16px; font-weight: 600; margin-bottom: 8px; display: flex;
  flex-wrap: wrap; gap: 2px 12px; justify-content: space-between; align-items: baseline; }
.hint { color: #9ea7b3; font-weight: normal; font-size: 13px; }
.stage { height: 440px; border-radius: 4px; overflow: hidden; position: relative; }
canvas { width: 100%; height: 100%; display: block; }
canvas:focus-visible { outline: 2px solid #56b4e9; outline-offset: -2px; }
.stage .still { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain;
  background: #0d1117; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin-top: 10px; }
.legend label { display: flex; align-items: center; gap: 6px; cursor: pointer; min-height: 24px; }
.legend input { margin: 0; }
`;

export function openSurface(host, data) {
  // The still picture stays until the drawing is there, or for good without WebGL.
  const still = host.querySelector("img, canvas");
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // Also allowed where a page's policy forbids style elements.
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  root.innerHTML =
    `<div class="viewer"><div class="title"><span></span><span class="hint"></span></div>
  <div class="stage"><canvas tabindex="0" role="application"></canvas></div>
  <div class="legend"></div></div>`;
  root.querySelector(".title span").textContent = data.title;
  const hint = root.querySelector(".hint");
  hint.textContent = "drag or press arrow keys to rotate";
  hint.style.visibility = "hidden"; // Until it is true; its place is reserved.
  const canvas = root.querySelector("canvas");
  canvas.setAttribute("aria-label", `${data.title}: 3D view, rotated by the arrow keys`);

  if (still) {
    still.className = "still";
    root.querySelector(".stage").append(still);
  }
  const hidden = new Set();
  let color = () => {};
  data.classes.forEach(({ name, color: [red, green, blue] }, i) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.style.accentColor = `rgb(${red}, ${green}, ${blue})`;
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(i + 1);
      else hidden.add(i + 1);
      color();
    });
    const text = document.createElement("span");
    text.textContent = name;
    label.append(box, text);
    root.querySelector(".legend").append(label);
  });

  draw(canvas, data, hidden).then((recolor) => {
    color = recolor;
    color();
    still?.remove();
    hint.style.visibility = "";
    host.dataset.ready = "true";
  }, (error) => {
    hint.style.visibility = "";
    hint.textContent = `a still picture, since 3D is not available: ${error.message}`;
  });
}

/** Draws the labels. Returns a function that draws them again without the hidden classes. */
async function draw(canvas, data, hidden) {
  const { Niivue, NVImage, SLICE_TYPE } = await niivueOf(globalThis, data.niivue);
  const voxels = new Uint8Array(await unpack(data.labels));
  const [depth, height, width] = data.shape;
  const [dz, dy, dx] = data.spacing;
  const view = new Niivue({
    backColor: [0.05, 0.067, 0.09, 1],
    show3Dcrosshair: false,
    isOrientCube: false,
    isColorbar: false,
    loadingText: "",
  });
  await view.attachToCanvas(canvas, false);
  canvas.style.touchAction = "pan-y"; // Fingers scroll up and down, and rotate sideways.
  const nifti = NVImage.createNiftiArray(
    [width, height, depth],
    [dx, dy, dz],
    data.affine,
    2,
    voxels,
  );
  const volume = await NVImage.loadFromFile({ file: new File([nifti], "labels.nii"), opacity: 1 });
  view.addVolume(volume);
  const color = () => {
    const entries = [
      { name: "", color: [0, 0, 0], shown: false },
      ...data.classes.map((one, i) => ({
        ...one,
        shown: !hidden.has(i + 1),
      })),
    ];
    const part = (index) => entries.map(({ color }) => color[index]);
    volume.setColormapLabel({
      R: part(0),
      G: part(1),
      B: part(2),
      A: entries.map(({ shown }) => shown ? 255 : 0),
      I: entries.map((_, i) => i),
      labels: entries.map(({ name }) => name),
    });
    view.updateGLVolume();
  };
  color();
  view.setSliceType(SLICE_TYPE.RENDER);
  view.setRenderAzimuthElevation(130, 20);
  view.setScale(1.5);
  await view.setVolumeRenderIllumination(0.7);

  takeOver(canvas.parentElement, (azimuth, elevation) => {
    const { renderAzimuth, renderElevation } = view.scene;
    view.setRenderAzimuthElevation(
      (renderAzimuth + azimuth + 360) % 360,
      Math.min(90, Math.max(-90, renderElevation + elevation)),
    );
  });
  return color;
}

/**
 * Turns the view by keys and fingers, before NiiVue gets these events: it would scroll nothing, turn
 * by other keys, and answer some with a dialog.
 */
function takeOver(stage, turn) {
  const turns = {
    ArrowLeft: [-TURN, 0],
    ArrowRight: [TURN, 0],
    ArrowUp: [0, TURN],
    ArrowDown: [0, -TURN],
  };
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab") return;
    event.stopPropagation();
    if (!turns[event.key]) return;
    event.preventDefault();
    turn(...turns[event.key]);
  }, { capture: true });
  const keep = (event) => event.stopPropagation();
  for (const type of ["keyup", "touchstart", "touchmove", "touchend"]) {
    stage.addEventListener(type, keep, { capture: true, passive: true });
  }
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) keep(event); // Scrolls the page.
  }, { capture: true, passive: true });
  let last;
  stage.addEventListener("pointerdown", ({ clientX, clientY }) => last = [clientX, clientY]);
  stage.addEventListener("pointermove", ({ clientX, clientY, pointerType }) => {
    if (pointerType !== "touch") return; // NiiVue follows the mouse.
    turn(clientX - last[0], clientY - last[1]);
    last = [clientX, clientY];
  });
}
