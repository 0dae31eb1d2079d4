"""How a text is typed changes nothing of what is said about it."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tagger import Annotation, Annotator, Article, Format, read_bytes
from tagger.text.typography import normalise

VARIANTS: dict[str, Callable[[str], str]] = {
    "straight apostrophes": lambda text: text.replace("’", "'"),
    "non-breaking spaces": lambda text: text.replace(" ", "\u00a0"),
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "ligatures": lambda text: text.replace("oe", "œ").replace("fi", "ﬁ"),
    "HTML entities": lambda text: html.escape(text).replace("é", "&eacute;").replace("à", "&#224;"),
    "soft hyphens": lambda text: text.replace("nn", "n\u00adn"),
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
}


def essence(annotation: Annotation) -> dict[str, Any]:
    """What an annotation says, without offsets and typography."""

    def plain(text: str) -> str:
        return " ".join(normalise(text).text.split())

    return {
        "language": annotation.language,
        "keywords": [
            (item.keyword, item.probability, item.suggested, [(plain(e.text), e.weight) for e in item.evidence])
            for item in annotation.keywords
        ],
        "entities": [
            (item.name, item.type, item.country, item.salience, [plain(mention.text) for mention in item.mentions])
            for item in annotation.entities
        ],
        "lead": plain(annotation.lead.text) if annotation.lead else None,
        "warnings": [warning.code for warning in annotation.warnings],
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_of_a_record(annotator: Annotator, examples: Path, variant: str) -> None:
    article = read_bytes((examples / "article.txt").read_bytes().replace(b"'", "’".encode()), Format.TEXT)
    change = VARIANTS[variant]
    changed = annotator.annotate(Article(title=change(article.title), text=change(article.text)))
    assert changed.article.text != article.text
    plain = annotator.annotate(Article(title=article.title, text=article.text))
    assert essence(changed) == essence(plain)
    for item in [e for s in changed.keywords for e in s.evidence] + [m for e in changed.entities for m in e.mentions]:
        content = changed.article.title if item.field == "title" else changed.article.text
        assert content[item.start : item.end] == item.text
