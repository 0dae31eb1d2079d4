"""Contextual token vectors of an article: a small transformer encoder, run by ONNX Runtime.

The encoder is multilingual-e5-small (L. Wang et al., « Multilingual E5 Text Embeddings: A Technical Report », 2024)
with the pieces of its vocabulary that French press texts use; `tagger.training.build_encoder` makes it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tagger.article import TextField
from tagger.errors import EncoderUnavailableError
from tagger.keywords.linear import Scores
from tagger.model_files import Manifest, load_manifest

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

ENCODER = "encoder"
ENCODER_FORMAT = 1
NETWORK_FILE = "encoder.onnx"
PIECES_FILE = "pieces.model"
_START, _END = 0, 2  # the pieces <s> and </s>
_MAX_PIECES = 192  # the title and some 120 words
_CHARS_PER_PIECE = 12  # on average, generously: no need to cut a whole book into pieces


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a token vector's characters stand, in a normalised title or text."""

    field: TextField
    start: int
    end: int


@dataclass(frozen=True)
class Encoding:
    """Token vectors (T, H) of the beginning of an article, and the place of each; None for the two marks."""

    vectors: Scores
    pieces: list[Piece | None]

    @cached_property
    def mean(self) -> Scores:
        """The article's vector (H,)."""
        return np.asarray(self.vectors.mean(axis=0))


class SentenceEncoder:
    """Encodes articles."""

    def __init__(self, network: Any, pieces: SentencePieceProcessor, version: str) -> None:  # noqa: ANN401
        self._network = network
        self._pieces = pieces
        self.version = version
        self.size: int = network.get_outputs()[0].shape[-1]

    @classmethod
    def load(cls, folder: Path) -> SentenceEncoder:
        """Load and check the encoder in `folder`.

        Raises:
            EncoderUnavailableError: its libraries are not installed here, or do not run on this platform.
            ModelError: a file is missing or altered, or of another format.
        """
        try:
            import onnxruntime
            from sentencepiece import SentencePieceProcessor
        except ImportError as error:
            raise EncoderUnavailableError(
                f"The profile `best` needs onnxruntime and sentencepiece, which cannot be used here ({error})."
            ) from None
        manifest = load_manifest(folder, Manifest, ENCODER_FORMAT)
        options = onnxruntime.SessionOptions()
        # One article is too small a piece of work to be worth several threads; many articles run side by side.
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
        options.inter_op_num_threads = 1
        network = onnxruntime.InferenceSession(folder / NETWORK_FILE, options, providers=["CPUExecutionProvider"])
        pieces = SentencePieceProcessor(model_file=str(folder / PIECES_FILE))
        return cls(network, pieces, f"{manifest.name} {manifest.version}")

    def encode(self, title: str, text: str) -> Encoding:
        """Encode the first pieces of a normalised title and text."""
        ids, pieces = [_START], list[Piece | None]([None])
        for field, content in (("title", title), ("text", text)):
            for number, piece in self._cut(field, content, _MAX_PIECES - 1 - len(ids)):  # type: ignore[arg-type]
                ids.append(number)
                pieces.append(piece)
        inputs = {"ids": np.array([[*ids, _END]], dtype=np.int64)}
        vectors = self._network.run(None, inputs)[0][0]
        return Encoding(vectors, [*pieces, None])

    def means(self, articles: list[tuple[str, str]]) -> npt.NDArray[np.float32]:
        """Give the vectors (n, H) of normalised titles and texts."""
        return np.stack([self.encode(title, text).mean for title, text in articles])

    def _cut(self, field: TextField, content: str, limit: int) -> list[tuple[int, Piece]]:
        # One space for each line break: sentencepiece knows only the space, and offsets must stay.
        beginning = content[: limit * _CHARS_PER_PIECE].replace("\n", " ")
        found = self._pieces.encode(beginning, return_type="offset_mapping")
        places = [Piece(field, start, end) for start, end in found["offsets"][:limit]]
        return list(zip(found["ids"], places, strict=False))
