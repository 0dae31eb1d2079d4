"""Annotations made by hand, for tests that need no model."""

from __future__ import annotations

import datetime as dt

from tagger.article import (
    Annotation,
    Article,
    CountryShare,
    Entity,
    EntityType,
    Lead,
    Mention,
    ModelVersions,
    Span,
    Suggestion,
)
from tagger.keywords.vocabulary import slug

TITLE = "L'ARTP sanctionne la Sonatel"
TEXT = (
    "L'ARTP inflige une amende à la Sonatel. Le directeur Abdoul Ly l'a dit à Dakar. "
    "La Sonatel conteste. M. Ly répondra lundi."
)


def annotation(
    title: str = TITLE,
    text: str = TEXT,
    *,
    keywords: dict[str, float] | None = None,
    names: dict[str, EntityType] | None = None,
    date: dt.date | None = dt.date(2025, 7, 2),
    filed: list[str] | None = None,
    record_id: str | None = None,
    model: str = "fast 1",
    language: str = "fr",
) -> Annotation:
    """Annotate a text by hand: keywords with their probabilities (suggested from 0.3), names wherever they stand."""
    keywords = (
        {"Régulation des télécoms": 0.8, "Sonatel/Orange": 0.6, "Fintech": 0.1} if keywords is None else keywords
    )
    names = {"ARTP": "ORG", "Sonatel": "ORG", "Abdoul Ly": "PER", "Dakar": "LOC"} if names is None else names
    lead = text.split(". ", maxsplit=1)[0] + "."
    return Annotation(
        id=record_id,
        language=language,
        article=Article(title=title, text=text, date=date, keywords=filed or []),
        keywords=[
            Suggestion(keyword=name, keyword_id=slug(name), probability=value, suggested=value >= 0.3)
            for name, value in keywords.items()
        ],
        entities=[
            Entity(name=name, type=kind, salience=0.5, known=False, mentions=mentions(name, title, text))
            for name, kind in names.items()
            if mentions(name, title, text)
        ],
        countries=[CountryShare(country="SN", name="Sénégal", share=1)],
        lead=Lead(text=lead, source=[Span(start=0, end=len(lead))], method="extractive"),
        model=ModelVersions(keywords=model, entities="entities 1", lead="lead 1"),
    )


def mentions(name: str, title: str = TITLE, text: str = TEXT) -> list[Mention]:
    """Find a name wherever it stands, the title first."""
    found = []
    for field, words in (("title", title), ("text", text)):
        start = words.find(name)
        while start >= 0:
            found.append(Mention(field=field, start=start, end=start + len(name), text=name))  # type: ignore[arg-type]
            start = words.find(name, start + 1)
    return found
