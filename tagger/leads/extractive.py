"""Writes a lead out of whole sentences of the article.

A sentence is worth more the earlier it stands, the more of the title's words it has, and the more of the
article's frequent words; it is worth less where it points back to something left out (« Il », « Toutefois »),
asks a question, or only quotes. The best sentence is taken, and the best that still fits beside it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from tagger.article import Lead, Span
from tagger.keywords.terms import FUNCTION_WORDS, words_of
from tagger.reading.press_lines import is_caption, is_insert
from tagger.text.sentences import sentence_spans
from tagger.text.typography import NormalisedText

MAX_CHARS = 280
METHOD = "extractive"
_MIN_CHARS = 40
_MIN_SECOND_VALUE = 0.5  # a second sentence must be worth half of the first
_POSITION_DECAY = 4.0
_BACKWARD = re.compile(
    r"^[\W_]*(?:(?:ils?|elles?|ce(?:lui|lle|ux)?(?:-ci|-là)?|cette|cet|ces|celles?|ceci|cela|ça|c'(?:est|était)|lui|leurs?|son|sa|ses|on|"
    r"y|en\s+effet|en\s+outre|de\s+plus|par\s+ailleurs|toutefois|cependant|néanmoins|pourtant|mais|or|et|ou|donc|"
    r"ainsi|aussi|alors|puis|ensuite|enfin|d'ailleurs|d'autre\s+part|d'une\s+part|de\s+l'autre|par\s+conséquent|"
    r"en\s+revanche|au\s+contraire|à\s+cet\s+égard|à\s+ce\s+titre|dans\s+ce\s+(?:cadre|contexte)|parmi\s+(?:eux|elles)|"
    r"de\s+même|de\s+son\s+côté|pour\s+(?:sa|leur)\s+part|quant\s+à|résultat|voilà|autrement\s+dit|l'autre|"
    r"d'un\s+côté|peut-être|au\s+lieu\s+de|selon\s+(?:lui|elle|eux|son|sa|ses|cette|ces?)|sont|un\s+autre|une\s+autre|les\s+deux|le\s+même|la\s+même|tous|toutes)\b)",
    re.IGNORECASE,
)
_COMPLETE = re.compile(r"[.!?…»\"]\s*$")
_STEM_CHARS = 6


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that may be in the lead; `index` is its place among all sentences."""

    index: int
    start: int
    end: int
    text: str
    value: float
    points_back: bool


class ExtractiveWriter:
    """Writes leads of whole sentences."""

    version = "extractive 1"

    def write(self, title: str, text: NormalisedText, skipped: list[tuple[int, int]]) -> Lead | None:
        """Write the lead of an article, or None where no sentence can be one.

        `title` is normalised; `skipped` are stretches of the text that must not be used.
        """
        sentences = _rate(title, text, skipped)
        chosen = _choose([sentence for sentence in sentences if _fits(sentence.text)])
        if chosen:
            spans = [text.span(sentence.start, sentence.end) for sentence in chosen]
            return Lead(
                text=" ".join(_printed(text.original[start:end]) for start, end in spans),
                method=METHOD,
                source=[Span(start=start, end=end) for start, end in spans],
            )
        return _cut(sentences, text)


def _rate(title: str, text: NormalisedText, skipped: list[tuple[int, int]]) -> list[_Sentence]:
    """Give the usable sentences of an article with what each is worth."""
    spans = [
        (start, end)
        for start, end in sentence_spans(text.text)
        if not any(first < end and start < last for first, last in skipped)
    ]
    stems = [_stems(text.text[start:end]) for start, end in spans]
    frequencies = Counter(stem for sentence in stems for stem in sentence)
    most = max(frequencies.values(), default=1)
    title_stems = _stems(title)
    sentences = []
    for index, ((start, end), own) in enumerate(zip(spans, stems, strict=True)):
        surface = text.text[start:end]
        if not _is_usable(surface):
            continue
        points_back = bool(_BACKWARD.match(surface))
        value = 1.2 * math.exp(-index / _POSITION_DECAY)
        value += len(own & title_stems) / max(len(title_stems), 1)
        value += sum(frequencies[stem] / most for stem in own) / max(len(own), 1)
        value -= 0.6 * points_back + 0.4 * surface.endswith("?") + 0.4 * _is_quotation(surface)
        sentences.append(_Sentence(index, start, end, surface, value, points_back))
    return sentences


def _stems(text: str) -> set[str]:
    """Give the words that carry meaning, cut to their first letters so that inflections meet."""
    return {word.text[:_STEM_CHARS] for word in words_of(text) if word.text not in FUNCTION_WORDS}


def _is_usable(sentence: str) -> bool:
    return (
        len(sentence) >= _MIN_CHARS
        and bool(_COMPLETE.search(sentence))
        and not is_insert(sentence)
        and not is_caption(sentence)
        and sentence.count("«") == sentence.count("»")
        and sentence.count('"') % 2 == 0
        and sentence.count("(") == sentence.count(")")
    )


def _is_quotation(sentence: str) -> bool:
    return sentence.startswith(("«", '"'))


def _fits(sentence: str) -> bool:
    return len(sentence) <= MAX_CHARS


def _choose(sentences: list[_Sentence]) -> list[_Sentence]:
    """Take the best sentence and, where there is room, the best one beside it, in the article's order."""
    if not sentences:
        return []
    best = max(sentences, key=lambda sentence: (not sentence.points_back, sentence.value))
    room = MAX_CHARS - len(best.text) - 1
    seconds = [
        sentence
        for sentence in sentences
        if sentence is not best
        and sentence.text != best.text
        and len(sentence.text) <= room
        and sentence.value >= _MIN_SECOND_VALUE * best.value
        and (not sentence.points_back or sentence.index == best.index + 1)
        and not (best.points_back and sentence.index > best.index)
    ]
    if not seconds:
        return [best]
    second = max(seconds, key=lambda sentence: sentence.value)
    return sorted((best, second), key=lambda sentence: sentence.index)


def _cut(sentences: list[_Sentence], text: NormalisedText) -> Lead | None:
    """Where every sentence is too long, give the beginning of the best one, up to a comma if possible."""
    if not sentences:
        return None
    best = max(sentences, key=lambda sentence: sentence.value)
    beginning = best.text[: MAX_CHARS - 2]
    clause = max(beginning.rfind(mark) for mark in (", ", " ; ", " : "))
    length = clause if clause > MAX_CHARS // 2 else beginning.rfind(" ")
    length = length if length > 0 else len(beginning)
    start, end = text.span(best.start, best.start + length)
    return Lead(
        text=_printed(text.original[start:end]).rstrip() + " …",
        method=f"{METHOD}-cut",
        source=[Span(start=start, end=end)],
    )


def _printed(stretch: str) -> str:
    """Give a stretch of the original as it is printed: accents composed, on one line."""
    return " ".join(unicodedata.normalize("NFC", stretch).split("\n"))
