"""What networks mark in articles that they have not seen: recorded in training, the ground of every measurement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from spacy.language import Language

from tagger.entities.recogniser import NameSpan, name_spans
from tagger.errors import ModelError
from tagger.keywords.classifier import Rows
from tagger.text.typography import normalise
from tagger.training.corpus import Corpus

UNSEEN_FILE = "unseen.jsonl"


@dataclass(frozen=True)
class UnseenSpans:
    """What a network that has not seen a brief marks in its title and text."""

    id: str
    fold: int
    title: list[NameSpan]
    text: list[NameSpan]


def mark(nlp: Language, corpus: Corpus, rows: Rows, fold: int) -> list[UnseenSpans]:
    """Let a network mark the briefs at `rows`."""
    briefs = [corpus.brief(int(row)) for row in rows]
    texts = [normalise(part).text for brief in briefs for part in (brief.title, brief.text)]
    spans = [name_spans(doc) for doc in nlp.pipe(texts)]
    return [
        UnseenSpans(brief.id, fold, title, text)
        for brief, title, text in zip(briefs, spans[::2], spans[1::2], strict=True)
    ]


def write_unseen(path: Path, unseen: Iterable[UnseenSpans]) -> None:
    """Record what networks marked in articles that they had not seen."""
    lines = (json.dumps(asdict(spans), ensure_ascii=False) + "\n" for spans in unseen)
    path.write_text("".join(lines), encoding="utf-8")


def read_unseen(path: Path) -> list[UnseenSpans]:
    """Read them again.

    Raises:
        ModelError: there is no such file.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        raise ModelError(f"{path} is missing: train the recogniser anew with `tagger train entities`.") from None
    return [
        UnseenSpans(row["id"], row["fold"], *([NameSpan(*span) for span in row[part]] for part in ("title", "text")))
        for row in rows
    ]
