"""An article's keywords, entities and lead in the forms in which editors take them elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

from markupsafe import Markup

from tagger.feedback import ArticleState, StoredArticle
from tagger.service.desk import wording
from tagger.service.desk.views import shown_entities

Form = Literal["text", "html", "descriptif", "mots", "json"]


def copy(form: Form, stored: StoredArticle, state: ArticleState) -> str:
    """Write an article's state in one of the forms.

    `descriptif` and `mots` are SPIP's two fields: the lead, and the names of the keywords, one a line.
    """
    return _WRITERS[form](stored, state)


def _keywords(state: ArticleState) -> list[str]:
    return [keyword.keyword for keyword in state.found_by]


def _by_type(stored: StoredArticle, state: ArticleState) -> list[tuple[str, list[str]]]:
    entities = shown_entities(stored.annotation, state)
    groups = [(name, [e.name for e in entities if e.type == kind]) for kind, name in wording.TYPES_PLURAL.items()]
    return [(name, names) for name, names in groups if names]


def _text(stored: StoredArticle, state: ArticleState) -> str:
    space = wording.NBSP
    blocks = [stored.annotation.article.title, state.lead or ""]
    lines = [("Mots-clés", _keywords(state)), *_by_type(stored, state)]
    blocks.append("\n".join(f"{name}{space}: {', '.join(names)}" for name, names in lines if names))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _html(stored: StoredArticle, state: ArticleState) -> str:
    space = wording.NBSP
    parts = [Markup("<h2>{}</h2>").format(stored.annotation.article.title)] if stored.annotation.article.title else []
    if state.lead:
        parts.append(Markup("<p><strong>{}</strong></p>").format(state.lead))
    for name, names in [("Mots-clés", _keywords(state)), *_by_type(stored, state)]:
        if names:
            parts.append(Markup("<p>{}{}: {}</p>").format(name, space, ", ".join(names)))
    return Markup("\n").join(parts) + "\n"


def _descriptif(_: StoredArticle, state: ArticleState) -> str:
    return state.lead or ""


def _mots(_: StoredArticle, state: ArticleState) -> str:
    return "\n".join(_keywords(state))


def _json(stored: StoredArticle, state: ArticleState) -> str:
    article = stored.annotation.article.model_dump(mode="json", exclude={"text"})
    record = {
        "id": stored.annotation.id,
        "article": article,
        "keywords": [
            {"keyword": keyword.keyword, "keyword_id": keyword.keyword_id, "probability": keyword.probability}
            for keyword in state.found_by
        ],
        "entities": [entity.model_dump(mode="json") for entity in shown_entities(stored.annotation, state)],
        "lead": state.lead,
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


_WRITERS: dict[Form, Callable[[StoredArticle, ArticleState], str]] = {
    "text": _text,
    "html": _html,
    "descriptif": _descriptif,
    "mots": _mots,
    "json": _json,
}
