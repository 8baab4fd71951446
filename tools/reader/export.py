"""Write a checkpoint as the file that Beleg ships: ONNX, weights in whole numbers.

    python tools/reader/export.py CHECKPOINT FILE.onnx

Weights take 7 bits of 8: processors without the newer instructions add pairs of products of 8 bits in a register
where they overflow, and results would depend on the processor. Prints the sha256, the size, and how far the scores
are from the checkpoint's.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import warnings
from pathlib import Path

import click
import numpy as np
import torch
from network import HEADS, WIDTH, Network


def exported(network: Network, target: Path) -> None:
    """Write the network to `target`, weights quantized; its heads stay as they are."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    sample = (torch.randn(1, 9, WIDTH), torch.tensor([[0] * 4 + [1] * 5]), torch.zeros(1, 2, 9))
    sample[2][0, 0, 4:6] = sample[2][0, 1, 6:8] = 1
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        traced, simple = (Path(folder) / name for name in ("traced.onnx", "simple.onnx"))
        torch.onnx.export(
            network.eval(),
            sample,
            str(traced),
            input_names=["embeddings", "segments", "sentences"],
            output_names=["scores", "starts", "ends"],
            dynamic_axes={
                "embeddings": {1: "tokens"},
                "segments": {1: "tokens"},
                "sentences": {1: "count", 2: "tokens"},
                "scores": {1: "count"},
                "starts": {1: "tokens"},
                "ends": {1: "tokens"},
            },
            opset_version=17,
            dynamo=False,
        )
        quant_pre_process(str(traced), str(simple), skip_symbolic_shape=True)
        heads = {node.name for node in onnx.load(str(simple)).graph.node if not node.name.startswith("/layers")}
        quantize_dynamic(
            str(simple),
            str(target),
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=sorted(heads),
        )


def difference(network: Network, file: Path) -> float:
    """Return the largest difference of a score between checkpoint and file, over random texts."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    drawn, worst = np.random.default_rng(1), 0.0
    for tokens in (20, 90, 300):
        embeddings = drawn.normal(0, 0.05, (1, tokens, WIDTH)).astype(np.float32)
        segments = np.array([[0] * 10 + [1] * (tokens - 10)])
        sentences = np.zeros((1, 2, tokens), dtype=np.float32)
        sentences[0, 0, 10 : tokens // 2], sentences[0, 1, tokens // 2 : tokens - 1] = 1, 1
        (scores,) = session.run(["scores"], {"embeddings": embeddings, "segments": segments, "sentences": sentences})
        with torch.no_grad():
            wanted, _, _ = network(*map(torch.from_numpy, (embeddings, segments, sentences)))
        worst = max(worst, float(np.abs(scores - wanted.numpy()).max()))
    return worst


@click.command(help=__doc__)
@click.argument("checkpoint", type=click.Path(path_type=Path, exists=True))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def main(checkpoint: Path, target: Path) -> None:
    network = Network.of(torch.load(checkpoint, weights_only=True, map_location="cpu")).eval()
    exported(network, target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB, sha256 {digest}")
    print(f"largest difference of a score: {difference(network, target):.3f} ({HEADS} heads)")


if __name__ == "__main__":
    main()
