"""What the pages show of a stored article: plain data, in French, ready for the templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from tagger.article import Annotation, Entity, EntityType, Evidence, FieldSpan, Warning
from tagger.entities.about import ranked
from tagger.feedback import ArticleState, Edit, StoredArticle
from tagger.feedback.decision_kinds import Place
from tagger.feedback.state import KeywordStatus
from tagger.service.desk import wording
from tagger.service.desk.passages import Context, Piece, contexts, paragraphs

_LEAST_CANDIDATE = 0.01  # probability from which a keyword is worth a chip; the others are found by name
_EVIDENCE_SHOWN = 5
_EVIDENCE_CHARS = 90


@dataclass(frozen=True)
class KeywordView:
    """A keyword's chip; `evidence` are the words that speak for it, each once."""

    id: str
    name: str
    probability: float | None
    suggested: bool
    state: KeywordStatus
    is_primary: bool
    evidence: list[str]


@dataclass(frozen=True)
class EntityView:
    """An entity in the list: `place` names it in decisions, `places` are those of its mentions."""

    index: int
    name: str
    type: EntityType
    place: str
    places: list[str]
    mentions: list[Context]


@dataclass(frozen=True)
class EditView:
    """One line of the history."""

    revision: int
    at: dt.datetime
    who: str
    lines: list[str]


@dataclass(frozen=True)
class ArticleView:
    """The page of an article."""

    id: int
    revision: int
    title: str
    chapo: str | None
    source: str | None
    date: dt.date | None
    url: str | None
    language: str
    annotated_at: dt.datetime
    is_reviewed: bool
    has_text: bool
    warnings: list[str]
    keyword_groups: list[tuple[str, list[KeywordView]]]
    entities: list[EntityView]
    lead: str | None
    lead_in_text: bool
    alternatives: list[str]
    title_pieces: list[list[Piece]]
    text_pieces: list[list[Piece]]
    history: list[EditView]
    models: str


def article_view(
    stored: StoredArticle, state: ArticleState, history: Sequence[Edit], keyword_names: Mapping[str, str]
) -> ArticleView:
    """Show an article in a state: what is stored of it, or a draft of what is to be stored.

    `keyword_names` are the names of the vocabulary's keywords, by id.
    """
    annotation, article = stored.annotation, stored.annotation.article
    entities = shown_entities(annotation, state)
    evidence = [(item.keyword_id, span) for item in annotation.keywords for span in item.evidence]
    lead = annotation.lead if annotation.lead and state.lead == annotation.lead.text else None
    leads = [annotation.lead.text, *(other.text for other in annotation.lead.alternatives)] if annotation.lead else []
    return ArticleView(
        id=stored.id,
        revision=stored.revision,
        title=article.title,
        chapo=article.chapo,
        source=article.source,
        date=article.date,
        url=_web_address(article.url),
        language=annotation.language if annotation.language.isalpha() else "fr",
        annotated_at=stored.annotated_at,
        is_reviewed=state.is_reviewed,
        has_text=stored.has_text,
        warnings=_warnings(annotation.warnings),
        keyword_groups=_keyword_groups(annotation, state),
        entities=[_entity_view(index, entity, annotation) for index, entity in enumerate(entities)],
        lead=state.lead,
        lead_in_text=stored.has_text and lead is not None and bool(lead.source),
        alternatives=[text for text in dict.fromkeys(leads) if text != state.lead],
        title_pieces=paragraphs(article.title, "title", entities, evidence),
        text_pieces=paragraphs(article.text, "text", entities, evidence, lead.source if lead else ()),
        history=[_edit_view(edit, keyword_names, partial(_words_at, annotation)) for edit in reversed(history)],
        models=", ".join(annotation.model.names),
    )


def shown_entities(annotation: Annotation, state: ArticleState) -> list[Entity]:
    """Give a state's entities, ranked as the annotator ranks its own, however they were corrected."""
    if not state.entities_are_edited:
        return list(state.entities)
    return ranked(state.entities, annotation.lead.source if annotation.lead else ())


def _keyword_groups(annotation: Annotation, state: ArticleState) -> list[tuple[str, list[KeywordView]]]:
    evidence = {item.keyword_id: item.evidence for item in annotation.keywords}
    primary = state.primary.keyword_id if state.primary else None
    views = [
        KeywordView(
            id=item.keyword_id,
            name=item.keyword,
            probability=item.probability,
            suggested=item.suggested,
            state=item.status,
            is_primary=item.keyword_id == primary,
            evidence=_words(evidence.get(item.keyword_id, [])),
        )
        for item in state.keywords
    ]
    suggested = [view for view in views if view.suggested]
    added = [view for view in views if not view.suggested and view.state == "added"]
    candidates = [view for view in views if not view.suggested and view.state != "added"]
    likely = [view for view in candidates if view.state != "open" or (view.probability or 0) >= _LEAST_CANDIDATE]
    return [("Proposés", suggested), ("Ajoutés", added), ("Autres candidats", likely)]


def _words(evidence: Iterable[Evidence]) -> list[str]:
    heaviest = sorted(evidence, key=lambda span: -span.weight)
    words = dict.fromkeys(" ".join(span.text.split()) for span in heaviest)
    return [wording.shortened(text, _EVIDENCE_CHARS) for text in words][:_EVIDENCE_SHOWN]


def _entity_view(index: int, entity: Entity, annotation: Annotation) -> EntityView:
    places = [place_of(mention) for mention in entity.mentions]
    return EntityView(
        index=index,
        name=entity.name,
        type=entity.type,
        place=places[0],
        places=places,
        mentions=list(
            contexts({"title": annotation.article.title, "text": annotation.article.text}, entity.mentions)
        ),
    )


def place_of(span: FieldSpan) -> str:
    """Write the place of a mention as the page's script reads it."""
    return f"{span.field}:{span.start}:{span.end}"


def _edit_view(edit: Edit, keyword_names: Mapping[str, str], words_at: Callable[[Place], str]) -> EditView:
    lines = [wording.decision(decision, keyword_names, words_at) for decision in edit.decisions]
    if edit.undoes is not None:
        lines = [f"a annulé la version {edit.undoes}"]
    if edit.is_undone:
        lines = [*lines, "annulé depuis"]
    return EditView(edit.revision, edit.at, edit.user or "Compte effacé", lines)


def _words_at(annotation: Annotation, place: Place) -> str:
    """Give what is named at a place; where the text was not kept, the annotation's own mention of it, if any."""
    article = annotation.article
    there = (article.title if place.field == "title" else article.text)[place.start : place.end]
    mentions = (mention for entity in annotation.entities for mention in entity.mentions)
    return there or next((mention.text for mention in mentions if Place.of(mention) == place), "…")


def _warnings(warnings: Iterable[Warning]) -> list[str]:
    """Say each kind of warning once."""
    return list(dict.fromkeys(wording.warning(warning) for warning in warnings))


def _web_address(url: str | None) -> str | None:
    """Give an address that may be a link: of the web, and nothing that runs."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None
