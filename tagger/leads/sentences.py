"""The sentences of an article, and which of them may stand in a lead."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tagger.reading.press_lines import dateline_span, is_caption, is_insert
from tagger.text.sentences import sentence_spans

_MIN_CHARS = 40
_BACKWARD = re.compile(
    r"^[\W_]*(?:[^,.:]{3,80},\s+(?:ils?(?!\s+y\s+a|\s+faut)|elles?|les\s+deux)\b|(?:(?!\bil\s)[^,.:«]){3,60}\s(?:s')?y\s+(?!a\b|ait|av|aur|eu)|(?:(?:à|a|dans|pour|avec|par|sous|sur)\s+(?:sa|son|ses|leurs?|cette|cet|ce|ces)|ils?|elles?|ce(?:lui|lle|ux)?(?:-ci|-là)?|cette|cet|ces|celles?|ceci|cela|ça|c'(?:est|était)|lui|leurs?|son|sa|ses|on|"
    r"y|en\s+effet|en\s+outre|de\s+plus|par\s+ailleurs|toutefois|cependant|néanmoins|pourtant|mais|or|et|ou|donc|"
    r"ainsi|aussi|alors|puis|ensuite|enfin|d'ailleurs|d'autre\s+part|d'une\s+part|de\s+l'autre|par\s+conséquent|"
    r"en\s+revanche|au\s+contraire|à\s+cet\s+égard|à\s+ce\s+titre|dans\s+ce\s+(?:cadre|contexte)|parmi\s+(?:eux|elles)|"
    r"de\s+même|de\s+son\s+côté|pour\s+(?:sa|leur)\s+part|quant\s+à|résultat|voilà|autrement\s+dit|l'autre|"
    r"d'un\s+côté|peut-être|au\s+lieu\s+de|selon\s+(?:lui|elle|eux|son|sa|ses|cette|ces?)|sont|un\s+autre|une\s+autre|les\s+deux|le\s+même|la\s+même|tous|toutes)\b)",
    re.IGNORECASE,
)
_COMPLETE = re.compile(r"[.!?…»\"]\s*$")
_QUOTATION = re.compile(r"«[^«»]{1,3000}»|(?<![\w.,!?])(\"|'')(?=\S)(?:(?!\1)[^\n]){1,1500}(?<=\S)\1(?!\w)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a normalised text; `index` is its place among all of them."""

    index: int
    start: int
    end: int
    text: str
    is_usable: bool
    points_back: bool


def read_sentences(text: str, skipped: Sequence[tuple[int, int]]) -> list[Sentence]:
    """Give the sentences of a normalised text outside the stretches to be skipped.

    The first begins after the article's dateline. One that stands inside a longer quotation is not usable: without
    its neighbours nobody would know who speaks.
    """
    sentences: list[Sentence] = []
    quotations = [match.span() for match in _QUOTATION.finditer(text)]  # in order, no two overlapping
    opening, begins = dateline_span(text) or (0, 0)
    for first, end in sentence_spans(text):
        start = max(first, begins) if first >= opening else first
        if start >= end or any(left < end and start < right for left, right in skipped):
            continue
        surface = text[start:end]
        before = bisect_left(quotations, (start,)) - 1  # the last that opens before the sentence
        is_spoken = before >= 0 and end < quotations[before][1]
        is_usable = not is_spoken and _is_usable(surface)
        sentences.append(Sentence(len(sentences), start, end, surface, is_usable, points_back(surface)))
    return sentences


def points_back(text: str) -> bool:
    """Say whether a sentence opens with what it leaves unsaid (« Il », « Toutefois »)."""
    return bool(_BACKWARD.match(text))


def is_balanced(text: str) -> bool:
    """Say whether every quotation and parenthesis that opens in `text` closes in it."""
    return (
        text.count("«") == text.count("»")
        and text.count('"') % 2 == 0
        and text.count("''") % 2 == 0
        and text.count("(") == text.count(")")
    )


def _is_usable(sentence: str) -> bool:
    return (
        len(sentence) >= _MIN_CHARS
        and bool(_COMPLETE.search(sentence))
        and is_balanced(sentence)
        and not is_insert(sentence)
        and not is_caption(sentence)
    )
