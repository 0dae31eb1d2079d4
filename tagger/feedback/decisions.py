"""The record of editors' decisions: stored with who, when, by which models and what was shown; never changed.

    decisions.record(article_id, user_id, revision, parse_decisions(json_text))
    decisions.undo(article_id, user_id, revision)

`revision` is that of the `StoredArticle` that the editor saw. Where it is no longer the newest, somebody else was
quicker, and `EditConflictError` (409) is raised before anything is stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tagger.article import Annotation, ModelVersions
from tagger.errors import DecisionError, EditConflictError
from tagger.feedback.decision_kinds import Decision, EntityAdded, parse_decisions
from tagger.feedback.rows import StoredArticle, edits_of, find_row, save_edit, stored_article
from tagger.feedback.state import apply
from tagger.store.articles import ArticleRow
from tagger.store.database import Database
from tagger.store.decisions import EditRow


@dataclass(frozen=True)
class Shown:
    """A suggestion as the editor saw it."""

    keyword_id: str
    probability: float
    suggested: bool


@dataclass(frozen=True)
class Edit:
    """What was saved at once. `user` is None where a program decided, or the user was erased.

    `undoes` is the revision of the edit that this one took back; `is_undone` says that this one was taken back.
    """

    revision: int
    at: dt.datetime
    user: str | None
    model: ModelVersions
    shown: list[Shown]
    decisions: list[Decision]
    undoes: int | None
    is_undone: bool


class Decisions:
    """The decisions of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self, article_id: int, user_id: int | None, revision: int, decisions: Sequence[Decision]
    ) -> StoredArticle:
        """Store decisions that are saved together, and give the article after them.

        Raises:
            UnknownArticleError: there is no such article.
            EditConflictError: the article has changed since `revision`.
            DecisionError: there is no decision, or one does not fit the article as those before it leave it.
        """
        if not decisions:
            raise DecisionError("There is nothing to store. Send at least one decision.")
        with self._database.session() as session:
            row, edits = _open(session, article_id, revision)
            state = stored_article(row, edits).state
            for decision in decisions:
                _check_mentions(decision, row)
                state = apply(state, decision)
            return save_edit(session, row, edits, user_id, decisions)

    def undo(self, article_id: int, user_id: int | None, revision: int) -> StoredArticle:
        """Take back the last edit that was not taken back yet, as an edit of its own; nothing is deleted.

        Raises:
            UnknownArticleError: there is no such article.
            EditConflictError: the article has changed since `revision`.
            DecisionError: there is nothing to take back.
        """
        with self._database.session() as session:
            row, edits = _open(session, article_id, revision)
            undone = {edit.undoes for edit in edits}
            last = next((e for e in reversed(edits) if e.undoes is None and e.revision not in undone), None)
            if last is None:
                raise DecisionError("There is no decision left to take back.")
            return save_edit(session, row, edits, user_id, [], undoes=last.revision)

    def history(self, article_id: int) -> list[Edit]:
        """Give all edits of an article, the first one first.

        Raises:
            UnknownArticleError: there is no such article.
        """
        with self._database.reading() as session:
            edits = edits_of(session, [find_row(session, article_id).id])[article_id]
            undone = {edit.undoes for edit in edits}
            return [
                Edit(
                    revision=edit.revision,
                    at=edit.at,
                    user=edit.user.name if edit.user else None,
                    model=ModelVersions.model_validate(edit.model),
                    shown=[Shown(**item) for item in edit.shown],
                    decisions=parse_decisions([row.decision for row in edit.decisions]),
                    undoes=edit.undoes,
                    is_undone=edit.revision in undone,
                )
                for edit in edits
            ]


def _open(session: Session, article_id: int, revision: int) -> tuple[ArticleRow, list[EditRow]]:
    """Lock an article for a change to the revision that was seen."""
    row = find_row(session, article_id, for_update=True)
    if row.revision != revision:
        raise EditConflictError(
            f"Article {article_id} was changed since you opened it (revision {row.revision}, yours {revision}). "
            "Nothing of yours was stored: look at the newest state, and decide again."
        )
    return row, edits_of(session, [row.id])[row.id]


def _check_mentions(decision: Decision, row: ArticleRow) -> None:
    """Refuse mentions of a new entity that are not what stands there."""
    if not isinstance(decision, EntityAdded):
        return
    article = Annotation.model_validate(row.annotation).article
    for mention in decision.mentions:
        there = article.title if mention.field == "title" else article.text
        if mention.field == "text" and not row.has_text:
            raise DecisionError("The article's text was not kept: no name can be marked in it.")
        if not 0 <= mention.start < mention.end or there[mention.start : mention.end] != mention.text:
            raise DecisionError(
                f"« {mention.text} » does not stand at {mention.start} of the article's {mention.field}."
            )
