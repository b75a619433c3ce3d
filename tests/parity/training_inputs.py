"""nnU-Net's side of training_inputs.ts: statistics of the random inputs of its training."""

import os


def weights(trainers):
    """Number of values, mean and standard deviation of each parameter over new networks."""
    import numpy as np

    found = {}
    for trainer in trainers:
        for name, value in trainer.network.named_parameters():
            found.setdefault(name, []).append(value.detach().numpy().astype("f8").ravel())
    together = {name: np.concatenate(values) for name, values in found.items()}
    return {name: [len(v), float(v.mean()), float(v.std())] for name, v in together.items()}


def batches(trainer, count):
    """Statistics of each sample of the augmented batches, and the transforms applied to it."""
    import numpy as np
    from batchgeneratorsv2.transforms.spatial.mirroring import MirrorTransform
    from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform
    from batchgeneratorsv2.transforms.utils.random import RandomTransform

    uses = {}

    def watch(transform, name, is_used):
        draw = transform.get_parameters

        def get_parameters(**sample):
            parameters = draw(**sample)
            uses.setdefault(name, []).append(float(is_used(parameters)))
            return parameters

        transform.get_parameters = get_parameters

    processes = os.environ["nnUNet_n_proc_DA"]
    os.environ["nnUNet_n_proc_DA"] = "0"
    np.random.seed(0)
    loader, _ = trainer.get_dataloaders()
    os.environ["nnUNet_n_proc_DA"] = processes
    for i, transform in enumerate(loader.data_loader.transforms.transforms):
        if isinstance(transform, SpatialTransform):
            watch(transform, "spatial", lambda parameters: parameters["grid"] is not None)
        if isinstance(transform, RandomTransform):
            watch(transform, f"transform {i}", lambda parameters: parameters["apply_transform"])
        if isinstance(transform, MirrorTransform):
            watch(transform, "mirrored axes", lambda parameters: len(parameters["axes"]))
    samples = []
    for _ in range(count):
        uses.clear()
        batch = next(loader)
        for i, (image, labels) in enumerate(zip(batch["data"].numpy(), batch["target"][0].numpy())):
            of_transforms = {name: values[i] for name, values in uses.items()}
            samples.append({**figures(image[0], labels[0]), **of_transforms})
    return samples


def figures(image, labels):
    """Statistics of an image and its labels, as `figuresOf` in training_inputs.ts."""
    import numpy as np

    foreground = np.argwhere(labels > 0)
    percentiles = {f"percentile {q}": np.percentile(image, q) for q in [1, 25, 50, 75, 99]}
    inside = image[labels > 0]
    centres = {
        f"centre {axis}": foreground[:, axis].mean() if len(foreground) else -1
        for axis in range(image.ndim)
    }
    all_figures = {
        **{f"label {label}": (labels == label).mean() for label in [1, 2]},
        "zeros": (image == 0).mean(),
        "mean": image.mean(dtype="f8"),
        "deviation": image.std(dtype="f8"),
        "foreground": inside.mean(dtype="f8") if len(inside) else 0,
        "roughness": np.abs(np.diff(image, axis=-1)).mean(dtype="f8"),
        **percentiles,
        **centres,
    }
    return {name: float(value) for name, value in all_figures.items()}
