"""Writes conversion.json: two tiny data sets in old formats, and nnU-Net's conversions of them.

Made with nnunetv2 2.8.1, SimpleITK 2.5.7 and nibabel 5.4.2.

Inputs are whole files (base64). Outputs are stored as values in file order, affine and spacing for
scans, and as text for other files.
"""

import base64
import json
import os
import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np

AFFINE = np.array([[-1.5, 0, 0, 10], [0, 0, 2.0, -20], [0, 3.0, 0, 30], [0, 0, 0, 1]])


def save(path: Path, values: np.ndarray, slope: float | None = None) -> None:
    """Values are (x, y, z) or (x, y, z, channel)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(values, AFFINE)
    image.header.set_slope_inter(slope, None if slope is None else 5)
    image.set_sform(AFFINE, 1)
    image.set_qform(AFFINE, 1)
    nib.save(image, path)


def volume(start: int, dtype, *shape: int) -> np.ndarray:
    return np.arange(start, start + np.prod(shape)).astype(dtype).reshape(shape, order="F")


def write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=1))


def decathlon(folder: Path) -> None:
    for i, name in enumerate(["t_01", "t_02"]):
        save(folder / f"imagesTr/{name}.nii.gz", volume(i, [np.int16, np.float32][i], 2, 3, 4, 2))
        save(folder / f"labelsTr/{name}.nii.gz", volume(0, np.uint8, 2, 3, 4) % 3)
    save(folder / "imagesTs/t_03.nii.gz", volume(7, np.int16, 2, 2, 2, 2), slope=0.5)
    for file in ["imagesTr/._t_01.nii.gz", "labelsTr/._t_01.nii.gz", "imagesTs/_t_04.nii.gz"]:
        (folder / file).write_bytes(b"left behind")
    write_json(folder / "dataset.json", {
        "name": "Tiny",
        "description": "Made \u00fcp",
        "reference": "none",
        "licence": "CC0",
        "relase": "1.0 01/01/2026",
        "tensorImageSize": "4D",
        "modality": {"0": "T2", "1": "ADC"},
        "labels": {"0": "background", "1": "PZ", "2": "TZ"},
        "numTraining": 2,
        "numTest": 1,
        "training": [
            {"image": f"./imagesTr/{n}.nii.gz", "label": f"./labelsTr/{n}.nii.gz"}
            for n in ["t_01", "t_02"]
        ],
        "test": ["./imagesTs/t_03.nii.gz"],
    })


def version1(folder: Path) -> None:
    for channel in range(2):
        save(folder / f"imagesTr/a_{channel:04d}.nii.gz", volume(channel, np.int16, 2, 2, 2))
        save(folder / f"imagesTs/b_{channel:04d}.nii.gz", volume(9 + channel, np.int16, 2, 2, 2))
    save(folder / "labelsTr/a.nii.gz", volume(0, np.uint8, 2, 2, 2) % 2)
    save(folder / "labelsTs/b.nii.gz", volume(1, np.uint8, 2, 2, 2) % 2)
    write_json(folder / "dataset.json", {
        "description": "",
        "labels": {"0": "background", "1": "liver"},
        "licence": "hands off!",
        "modality": {"0": "CT", "1": "PET"},
        "name": "Old",
        "numTest": 1,
        "numTraining": 1,
        "tensorImageSize": "4D",
        "test": ["./imagesTs/b.nii.gz"],
        "training": [{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"}],
    })


def files_below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def inputs(folder: Path) -> dict:
    return {f: base64.b64encode((folder / f).read_bytes()).decode() for f in files_below(folder)}


def outputs(folder: Path) -> dict:
    found = {}
    for file in files_below(folder):
        path = folder / file
        if path.suffix == ".json":
            found[file] = path.read_text()
            continue
        image = nib.load(path)
        found[file] = {
            "shape": list(image.shape),
            "values": np.asarray(image.dataobj).ravel(order="F").astype(float).tolist(),
            "affine": image.affine.ravel().tolist(),
            "spacing": [float(v) for v in image.header.get_zooms()],
        }
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as top_name:
        top = Path(top_name)
        for root in ["nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"]:
            (top / root).mkdir()
            os.environ[root] = str(top / root)
        from nnunetv2.dataset_conversion.convert_MSD_dataset import convert_msd_dataset
        from nnunetv2.dataset_conversion.convert_raw_dataset_from_old_nnunet_format import convert

        decathlon(top / "Task05_Tiny")
        version1(top / "Task017_Old")
        convert_msd_dataset(str(top / "Task05_Tiny"), num_processes=1)
        convert(str(top / "Task017_Old"), "Dataset017_Old")
        golden = {
            name: {
                "source": source,
                "target": target,
                "inputs": inputs(top / source),
                "outputs": outputs(top / "nnUNet_raw" / target),
            }
            for name, source, target in [
                ("decathlon", "Task05_Tiny", "Dataset005_Tiny"),
                ("version1", "Task017_Old", "Dataset017_Old"),
            ]
        }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=1) + "\n")
