/** Shows labels in 3D in a page with NiiVue; its data comes from `surface_view.ts`. */

/** Decodes base64 and decompresses gzip. */
async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
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

export async function openSurface(host, data) {
  const { Niivue, NVImage, SLICE_TYPE } = await niivueOf(globalThis, data.niivue);
  const voxels = new Uint8Array(await unpack(data.labels));
  const [depth, height, width] = data.shape;
  const [dz, dy, dx] = data.spacing;

  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.innerHTML = `<style>
    .viewer { background: #0d1117; color: #f0f3f6; border-radius: 8px; padding: 14px 16px 12px;
      font: 13px/1.4 system-ui, "DejaVu Sans", sans-serif; max-width: 720px; }
    .title { font-size: 16px; font-weight: 600; margin-bottom: 8px; }
    .hint { color: #9ea7b3; font-weight: normal; font-size: 13px; float: right; }
    .stage { height: 440px; border-radius: 4px; overflow: hidden; }
    canvas { width: 100%; height: 100%; display: block; }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 10px; }
    .legend label { display: flex; align-items: center; gap: 6px; cursor: pointer; }
    .legend input { margin: 0; }
  </style><div class="viewer"><div class="title"></div><div class="stage"><canvas></canvas></div>
  <div class="legend"></div></div>`;
  root.querySelector(".title").textContent = data.title;
  const hint = document.createElement("span");
  hint.className = "hint";
  hint.textContent = "drag to rotate";
  root.querySelector(".title").append(hint);

  const canvas = root.querySelector("canvas");
  const view = new Niivue({
    backColor: [0.05, 0.067, 0.09, 1],
    show3Dcrosshair: false,
    isOrientCube: false,
    isColorbar: false,
    loadingText: "",
  });
  await view.attachToCanvas(canvas, false);
  const nifti = NVImage.createNiftiArray(
    [width, height, depth],
    [dx, dy, dz],
    data.affine,
    2,
    voxels,
  );
  const volume = await NVImage.loadFromFile({ file: new File([nifti], "labels.nii"), opacity: 1 });
  view.addVolume(volume);
  const hidden = new Set();
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
  host.dataset.ready = "true";
}
