"""A language model of two layers and random weights, made in a moment, for tests that look at its sums only."""

from __future__ import annotations

import ctypes
import struct
from pathlib import Path

import numpy as np

VOCABULARY = 320
Q8_0 = 7  # llama.cpp's number for how the embedded LLM is stored once it is prepared
_WIDE, _INNER, _LAYERS, _HEADS, _KV_HEADS = 256, 512, 2, 4, 2


def make(folder: Path, kind: int = Q8_0) -> Path:
    """Write a model of llama's kind, without words, stored as `kind` (a LLAMA_FTYPE); return its path."""
    import llama_cpp

    from rag.models import llama_runtime

    source, target = folder / "f32.gguf", folder / f"kind-{kind}.gguf"
    source.write_bytes(_f32())
    llama_runtime.listen(None)
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = kind
    assert llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(parameters)) == 0
    return target


def _f32() -> bytes:
    key_wide = _WIDE // _HEADS * _KV_HEADS
    shapes: dict[str, tuple[int, ...]] = {"token_embd": (VOCABULARY, _WIDE), "output": (VOCABULARY, _WIDE)}
    for layer in range(_LAYERS):
        rows = {"attn_q": _WIDE, "attn_k": key_wide, "attn_v": key_wide, "attn_output": _WIDE}
        rows |= {"ffn_gate": _INNER, "ffn_up": _INNER}
        shapes |= {f"blk.{layer}.{name}": (count, _WIDE) for name, count in rows.items()}
        shapes |= {f"blk.{layer}.ffn_down": (_WIDE, _INNER)}
        shapes |= {f"blk.{layer}.{name}": (_WIDE,) for name in ("attn_norm", "ffn_norm")}
    shapes["output_norm"] = (_WIDE,)
    facts: dict[str, str | int | float] = {
        "general.architecture": "llama",
        "llama.context_length": 4096,
        "llama.embedding_length": _WIDE,
        "llama.block_count": _LAYERS,
        "llama.feed_forward_length": _INNER,
        "llama.attention.head_count": _HEADS,
        "llama.attention.head_count_kv": _KV_HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": _WIDE // _HEADS,
        "llama.vocab_size": VOCABULARY,
        "tokenizer.ggml.model": "no_vocab",
    }
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(facts))
    head += b"".join(_text(name) + _value(value) for name, value in facts.items())
    chance, body = np.random.default_rng(1907), b""
    for name, shape in shapes.items():
        weights = chance.standard_normal(shape) / np.sqrt(shape[-1]) if len(shape) > 1 else np.ones(shape)
        if name.endswith(("attn_q", "attn_k")):
            weights = 3 * weights  # so that attention picks some tokens over others
        sizes = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        head += _text(f"{name}.weight") + sizes + struct.pack("<IQ", 0, len(body))
        body += weights.astype("<f4").tobytes()  # all are multiples of the 32 bytes that tensors are aligned to
    return head + b"\0" * (-len(head) % 32) + body


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def _value(value: str | int | float) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    return struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<II", 4, value)
