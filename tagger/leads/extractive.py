"""Writes leads out of the article's own sentences, whole or shortened.

The trained ranker says which lead is most like one that an author would write; the guard sees that shortening turned
nothing round.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tagger.article import Extract, Lead, Span
from tagger.keywords.terms import FUNCTION_WORDS, words_of
from tagger.leads.features import Piece
from tagger.leads.guard import Source
from tagger.leads.options import TITLE_CHARS, LeadOptions
from tagger.leads.ranker import LeadRanker
from tagger.leads.sentences import Sentence, read_sentences
from tagger.text.typography import NormalisedText

METHOD = "extractive"
CUT_METHOD = "extractive-cut"
_ALTERNATIVES = 2
_MAX_LIKENESS = 0.5  # of two leads that still differ: the share of their words that they have in common
_STEM_CHARS = 6


class ExtractiveWriter:
    """Writes leads and titles out of sentences."""

    def __init__(self, ranker: LeadRanker) -> None:
        self._ranker = ranker
        self.version = ranker.version

    @classmethod
    def load(cls, models: Path) -> ExtractiveWriter:
        """Load the ranker out of the folder of all models.

        Raises:
            ModelError: a file is missing or altered, or of another format.
        """
        return cls(LeadRanker.load(models))

    def write(
        self,
        title: str,
        text: NormalisedText,
        skipped: Sequence[tuple[int, int]] = (),
        options: LeadOptions | None = None,
    ) -> Lead | None:
        """Write the lead of an article, or None where no sentence can be one.

        `title` is normalised; `skipped` are stretches of the text that must not be used.
        """
        options = options or LeadOptions()
        sentences = read_sentences(text.text, skipped)
        found = self._best_first(title, text, sentences, options.lead_chars, options.lead_sentences)
        best = next(found, None)
        if best is None:
            return _cut(sentences, text, options.lead_chars)
        others = _unlike(best, found) if options.alternatives else []
        return Lead(text=best.text, source=best.source, method=METHOD, alternatives=others)

    def suggest_title(
        self, title: str, text: NormalisedText, skipped: Sequence[tuple[int, int]] = ()
    ) -> Extract | None:
        """Suggest a title: the best sentence that is short enough, or can be made so, without its full stop."""
        sentences = read_sentences(text.text, skipped)
        for extract in self._best_first(title, text, sentences, TITLE_CHARS + 1, 1):
            if extract.text.endswith(".") and not extract.text.endswith(".."):
                last = extract.source[-1]
                source = [*extract.source[:-1], Span(start=last.start, end=last.end - 1)]
                return Extract(text=extract.text[:-1], source=[span for span in source if span.start < span.end])
        return None

    def _best_first(
        self, title: str, text: NormalisedText, sentences: Sequence[Sentence], max_chars: int, max_sentences: int
    ) -> Iterator[Extract]:
        """Give the leads that can be made, best first."""
        candidates, values = self._ranker.rank(title, sentences, max_chars, max_sentences)
        for number in np.argsort(-values, kind="stable"):
            pieces = candidates.lead(int(number))
            extract = _extract(pieces, text)
            if len(extract.text) <= max_chars and all(map(_is_faithful, pieces)):
                yield extract


def _is_faithful(piece: Piece) -> bool:
    """Say whether a shortened sentence says only what the whole one says."""
    return not piece.is_shortened or not Source("", piece.sentence.text).faults(piece.text)


def _extract(pieces: Sequence[Piece], text: NormalisedText) -> Extract:
    """Print a lead as the article has it, and say where it stands there."""
    printed, source = [], []
    for piece in pieces:
        spans = [text.span(start, end) for start, end in piece.spans]
        sentence = "".join(text.original[start:end] for start, end in spans)
        printed.append(_on_one_line(sentence[:1].upper() + sentence[1:]))
        source += [Span(start=start, end=end) for start, end in spans]
    return Extract(text=" ".join(printed), source=source)


def _unlike(best: Extract, others: Iterator[Extract]) -> list[Extract]:
    """Give the next leads that are no paraphrase of the best one or of each other."""
    chosen = [best]
    for other in others:
        if len(chosen) > _ALTERNATIVES:
            break
        if all(_likeness(other.text, lead.text) < _MAX_LIKENESS for lead in chosen):
            chosen.append(other)
    return chosen[1:]


def _likeness(first: str, second: str) -> float:
    """Give the share of the words of the shorter text that the other has too, function words left out."""
    left, right = _stems(first), _stems(second)
    return len(left & right) / max(min(len(left), len(right)), 1)


def _stems(text: str) -> set[str]:
    """Give the words that carry meaning, cut to their first letters so that inflections meet."""
    return {word.text[:_STEM_CHARS] for word in words_of(text) if word.text not in FUNCTION_WORDS}


def _cut(sentences: Sequence[Sentence], text: NormalisedText, max_chars: int) -> Lead | None:
    """Where every sentence is too long, give the beginning of the first one, up to a comma if possible."""
    usable = [sentence for sentence in sentences if sentence.is_usable]
    if not usable:
        return None
    first = next((sentence for sentence in usable if not sentence.points_back), usable[0])
    beginning = first.text[: max_chars - 2]
    clause = max(beginning.rfind(mark) for mark in (", ", " ; ", " : "))
    length = clause if clause > max_chars // 2 else beginning.rfind(" ")
    length = length if length > 0 else len(beginning)
    start, end = text.span(first.start, first.start + length)
    return Lead(
        text=_on_one_line(text.original[start:end]).rstrip() + " …",
        method=CUT_METHOD,
        source=[Span(start=start, end=end)],
    )


def _on_one_line(stretch: str) -> str:
    """Give a stretch of the original as it is printed: accents composed, on one line."""
    return " ".join(unicodedata.normalize("NFC", stretch).split("\n"))
