"""What the rows of the store mean together, and how they are changed: for the other modules of this room."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tagger.article import Annotation
from tagger.errors import UnknownArticleError
from tagger.feedback.decision_kinds import Decision, KeywordDecision, parse_decisions
from tagger.feedback.search import index_article
from tagger.feedback.state import ArticleState, current_state
from tagger.store.articles import ArticleRow, FacetRow, Origin, Review
from tagger.store.decisions import DecisionRow, EditRow
from tagger.store.tables import now

_FACET_CHARS = 300
_ASKED_AT_ONCE = 500  # ids in one question


@dataclass(frozen=True)
class StoredArticle:
    """An article of the store, with its newest annotation and what was decided about it.

    `revision` must be given back with every decision. `annotation.article.text` is empty where `has_text` is false;
    the mentions' offsets then point into a text that is elsewhere.
    """

    id: int
    revision: int
    review: Review
    origin: Origin
    priority: float
    record_id: str | None
    has_text: bool
    annotation: Annotation
    state: ArticleState
    created_at: dt.datetime
    annotated_at: dt.datetime
    reviewed_at: dt.datetime | None


def find_row(session: Session, article_id: int, *, for_update: bool = False) -> ArticleRow:
    """Give the row of an article, locked against other writers if it is to be changed.

    Raises:
        UnknownArticleError: there is none of this id.
    """
    row = session.get(ArticleRow, article_id, with_for_update=for_update or None)
    if row is None:
        raise UnknownArticleError(f"There is no article {article_id}: it was erased, or never stored.")
    return row


def edits_of(session: Session, article_ids: Iterable[int]) -> dict[int, list[EditRow]]:
    """Give the edits of articles, in their order."""
    found: dict[int, list[EditRow]] = defaultdict(list)
    whole = (
        select(EditRow)
        .options(selectinload(EditRow.decisions), selectinload(EditRow.user))
        .order_by(EditRow.revision)
    )
    ids = list(article_ids)
    for start in range(0, len(ids), _ASKED_AT_ONCE):
        for edit in session.scalars(whole.where(EditRow.article_id.in_(ids[start : start + _ASKED_AT_ONCE]))):
            found[edit.article_id].append(edit)
    return found


def effective(edits: Iterable[EditRow]) -> list[Decision]:
    """Give the decisions that count, in their order: those of edits that were not taken back."""
    edits = list(edits)
    undone = {edit.undoes for edit in edits}
    counting = [row.decision for edit in edits if edit.revision not in undone for row in edit.decisions]
    return parse_decisions(counting)


def stored_article(row: ArticleRow, edits: Iterable[EditRow]) -> StoredArticle:
    """Put together what is known of an article."""
    annotation = Annotation.model_validate(row.annotation)
    return StoredArticle(
        id=row.id,
        revision=row.revision,
        review=row.review,
        origin=row.origin,
        priority=row.priority,
        record_id=row.record_id,
        has_text=row.has_text,
        annotation=annotation,
        state=current_state(annotation, effective(edits)),
        created_at=row.created_at,
        annotated_at=row.annotated_at,
        reviewed_at=row.reviewed_at,
    )


def refresh(session: Session, row: ArticleRow, stored: StoredArticle) -> None:
    """Bring facets and full-text index in line with an article's state."""
    wanted = {(facet.kind, facet.value): facet for facet in _facets(stored)}
    there = {(facet.kind, facet.value): facet for facet in row.facets}
    for key in there.keys() - wanted.keys():
        row.facets.remove(there[key])
    for key, facet in wanted.items():
        if key in there:
            there[key].label = facet.label
        else:
            row.facets.append(facet)
    article = stored.annotation.article
    labels = [facet.label for facet in wanted.values()]
    body = "\n".join(filter(None, (article.text, article.chapo, stored.state.lead)))
    session.flush()
    index_article(session, row.id, article.title, labels, body)


def stored_articles(session: Session, rows: Sequence[ArticleRow]) -> list[StoredArticle]:
    """Put together what is known of articles, in their order."""
    edits = edits_of(session, (row.id for row in rows))
    return [stored_article(row, edits[row.id]) for row in rows]


def save_edit(
    session: Session,
    row: ArticleRow,
    edits: list[EditRow],
    user_id: int | None,
    decisions: Sequence[Decision],
    undoes: int | None = None,
) -> StoredArticle:
    """Store an edit of an article that `find_row` has locked, and give the article after it."""
    row.revision += 1
    edit = EditRow(
        article_id=row.id,
        user_id=user_id,
        revision=row.revision,
        undoes=undoes,
        model=row.annotation["model"],
        shown=[
            {name: item[name] for name in ("keyword_id", "probability", "suggested")}
            for item in row.annotation["keywords"]
        ],
        decisions=[
            DecisionRow(
                kind=decision.kind,
                keyword_id=decision.keyword_id if isinstance(decision, KeywordDecision) else None,
                decision=decision.model_dump(mode="json"),
            )
            for decision in decisions
        ],
    )
    session.add(edit)
    is_reviewed = stored_article(row, [*edits, edit]).state.is_reviewed
    if is_reviewed != (row.review == "reviewed"):
        row.review = "reviewed" if is_reviewed else "waiting"
        row.reviewed_at = now() if is_reviewed else None
    session.flush()
    stored = stored_article(row, [*edits, edit])
    refresh(session, row, stored)
    return stored


def _facets(stored: StoredArticle) -> list[FacetRow]:
    found = [FacetRow(kind="keyword", value=item.keyword_id, label=item.keyword) for item in stored.state.found_by]
    found += [
        FacetRow(kind="entity", value=plain(entity.id or entity.name), label=plain(entity.name))
        for entity in stored.state.entities
        if entity.type != "COUNTRY"
    ]
    found += [FacetRow(kind="country", value=item.country, label=item.name) for item in stored.annotation.countries]
    return found


def plain(name: str) -> str:
    """Give a name that any database can hold."""
    return name.replace("\0", "")[:_FACET_CHARS]
