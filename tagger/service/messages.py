"""What the service and its workers say to each other.

A message is a head (JSON) and a body (bytes that only its receiver reads), each with its length before it. The
service sends `Task`s; a worker says `Hello` once and answers each task with an `Outcome`.
"""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from typing import BinaryIO, Literal, Self

from pydantic import BaseModel, TypeAdapter

from tagger.article import Annotation, ModelVersions, Suggestion
from tagger.errors import Failure, TaggerError, remade
from tagger.keywords.model import Profile
from tagger.keywords.vocabulary import Keyword, Vocabulary
from tagger.options import AnnotateOptions

TAKEN = b"!"  # what a worker answers as soon as it has read a task
SUGGESTIONS = TypeAdapter(list[Suggestion])  # what a task of the kind `keywords` is answered with
_LENGTHS = struct.Struct("!II")
Kind = Literal["article", "keywords", "record", "array"]


class LoadedModels(BaseModel):
    """The models of a worker: their versions by profile, the vocabulary, and what they say of an example."""

    versions: dict[Profile, ModelVersions]
    keywords: tuple[Keyword, ...]
    example: Annotation

    @property
    def vocabulary(self) -> Vocabulary:
        """The whole vocabulary, retired keywords too."""
        return Vocabulary(self.keywords)


class Task(BaseModel):
    """Something to do with the body: an article or its keywords, a record to answer, an array to cut in lines."""

    kind: Kind
    content_type: str = ""
    charset: str | None = None
    options: AnnotateOptions = AnnotateOptions()
    request_id: str | None = None


class Fault(BaseModel):
    """An error on its way from one process to another."""

    code: str
    detail: str

    @classmethod
    def of(cls, error: TaggerError) -> Self:
        """Take down an error."""
        return cls(code=error.code, detail=str(error))

    def error(self) -> TaggerError:
        """Make the error again."""
        return remade(self.code, self.detail)


class Hello(BaseModel):
    """The first message of a worker: who it is and what it has loaded, or why it cannot work."""

    pid: int
    models: LoadedModels | None = None
    fault: Fault | None = None


class Outcome(BaseModel):
    """What became of a task; the answer itself is the body. The rest is for statistics and holds no article text."""

    fault: Fault | None = None
    problem: str | None = None  # the kind of problem that a bad record was answered with
    language: str | None = None
    keyword_ids: list[str] = []
    warnings: dict[str, int] = {}

    @classmethod
    def of(cls, answer: Annotation | Failure) -> Self:
        """Take down what statistics need of an answer."""
        if isinstance(answer, Failure):
            return cls(problem=answer.error.code)
        return cls(
            language=answer.language,
            keyword_ids=[suggestion.keyword_id for suggestion in answer.keywords if suggestion.suggested],
            warnings=Counter(warning.code for warning in answer.warnings),
        )


def pack(head: BaseModel, body: bytes = b"") -> bytes:
    """Make the bytes of a message."""
    packed = head.model_dump_json().encode()
    return b"".join((_LENGTHS.pack(len(packed), len(body)), packed, body))


async def read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Read a message in the service: its head and its body.

    Raises:
        EOFError: the other end is gone.
    """
    head, body = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
    return await reader.readexactly(head), await reader.readexactly(body)


def receive(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Read a message in a worker: its head and its body; None if the service is gone."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack(lengths)
    return stream.read(head), stream.read(body)
