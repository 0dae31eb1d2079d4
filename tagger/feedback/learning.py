"""From editors' decisions to what models learn from: records of the contract with what was accepted and refused.

with exported(database, vocabulary, "keywords") as path:
    corpus = load_corpus(shipped, path)         # `tagger train --with-feedback`

learn(articles, decisions, vocabulary, documents)   # texts that others have filed, as Annif's `learn` has it
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel
from sqlalchemy import select

from tagger.article import Annotation, Article, Entity, ModelVersions, TextField
from tagger.errors import FeedbackError
from tagger.feedback.articles import Articles
from tagger.feedback.decision_kinds import Decision, KeywordAdded, KeywordRejected, PrimaryChosen, Reviewed
from tagger.feedback.decisions import Decisions
from tagger.feedback.rows import StoredArticle, edits_of, stored_article
from tagger.keywords.vocabulary import Vocabulary
from tagger.store.articles import ArticleRow
from tagger.store.database import Database
from tagger.store.decisions import EditRow
from tagger.text.language import detect_language
from tagger.text.typography import normalise
from tagger.training.corpus import FEEDBACK, MarkedName

FEEDBACK_FILE = "feedback.jsonl"
_READ_AT_ONCE = 200

Subject = Literal["keywords", "entities"]


class FiledText(Protocol):
    """A text with the ids of the keywords under which a person has filed it, the primary one first."""

    @property
    def title(self) -> str:
        """Its title, or nothing."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def keyword_ids(self) -> tuple[str, ...]:
        """The keywords' ids, all of them in the vocabulary."""


class FeedbackRecord(BaseModel):
    """An article with what was decided about it: a record of the contract, which `tagger.training.corpus` reads.

    `keywords` has the primary one first. `entities` and `title_entities` are there where an editor corrected them,
    `lead` where an editor wrote it. `origin` is ``feedback``, or ``annif`` where a program alone filed the text.
    """

    id: str
    origin: str
    title: str
    text: str
    date: dt.date | None = None
    source: str | None = None
    url: str | None = None
    keywords: list[str]
    rejected: list[str]
    unsure: list[str]
    reviewed: bool
    lead: str | None = None
    entities: list[MarkedName] | None = None
    title_entities: list[MarkedName] | None = None


def feedback_records(database: Database, vocabulary: Vocabulary) -> Iterator[FeedbackRecord]:
    """Give a record for every article with a text about whose keywords, entities or lead something was decided.

    Keywords go by the names that stand in `vocabulary` today; what it no longer has is left out.
    """
    last = 0
    decided = select(EditRow.article_id)
    while True:
        with database.reading() as session:
            statement = select(ArticleRow).where(
                ArticleRow.id > last, ArticleRow.has_text, ArticleRow.id.in_(decided)
            )
            rows = session.scalars(statement.order_by(ArticleRow.id).limit(_READ_AT_ONCE)).all()
            edits = edits_of(session, (row.id for row in rows))
            found = [(stored_article(row, edits[row.id]), _is_by_a_program(row, edits[row.id])) for row in rows]
        for stored, by_program in found:
            record = _record(stored, vocabulary, by_program)
            if record.keywords or record.rejected or record.entities is not None or record.lead is not None:
                yield record
        if len(rows) < _READ_AT_ONCE:
            return
        last = rows[-1].id


@contextmanager
def exported(database: Database, vocabulary: Vocabulary, subject: Subject) -> Iterator[Path]:
    """Write the records that teach about a subject to a file that lasts as long as the block.

    Raises:
        FeedbackError: there are none.
    """
    with tempfile.TemporaryDirectory(prefix="tagger-feedback-") as folder:
        path = Path(folder) / FEEDBACK_FILE
        count = 0
        with path.open("w", encoding="utf-8") as lines:
            for record in feedback_records(database, vocabulary):
                if (record.keywords or record.rejected) if subject == "keywords" else record.entities is not None:
                    lines.write(record.model_dump_json(exclude_none=True) + "\n")
                    count += 1
        if not count:
            raise FeedbackError(
                f"No stored article with a text has a decision about {subject}. "
                "Review articles on the desk first, and keep their texts (TAGGER_KEEP_TEXTS)."
            )
        yield path


def learn(articles: Articles, decisions: Decisions, vocabulary: Vocabulary, documents: Iterable[FiledText]) -> None:
    """Keep texts that were filed elsewhere for the next training. One that is there already is filed anew."""
    for document in documents:
        stored = articles.find(document.title, document.text)
        if stored is None or not stored.has_text:
            stored = articles.add(_not_annotated(document), "annif", keep_text=True)
        changes = _to_file(stored, document.keyword_ids, vocabulary)
        if changes:
            decisions.record(stored.id, None, stored.revision, changes)


def _to_file(stored: StoredArticle, keyword_ids: tuple[str, ...], vocabulary: Vocabulary) -> list[Decision]:
    """Give the decisions that file an article under these keywords and no others."""
    filed = [keyword.keyword_id for keyword in stored.state.filed_under]
    if filed == list(keyword_ids) and stored.state.is_reviewed:
        return []
    changes: list[Decision] = [KeywordRejected(keyword_id=other) for other in filed if other not in keyword_ids]
    changes += [
        KeywordAdded(keyword_id=keyword_id, keyword=vocabulary.by_id[keyword_id].name) for keyword_id in keyword_ids
    ]
    changes += [PrimaryChosen(keyword_id=keyword_ids[0])] if keyword_ids else []
    return [*changes, Reviewed()]


def _not_annotated(document: FiledText) -> Annotation:
    """Give an annotation that says nothing: the models are not asked about what is only to be learnt."""
    return Annotation(
        language=detect_language(normalise(f"{document.title}\n{document.text}").text),
        article=Article(title=document.title, text=document.text),
        keywords=[],
        entities=[],
        countries=[],
        lead=None,
        model=ModelVersions(keywords=None, entities=None, lead=None),
    )


def _is_by_a_program(row: ArticleRow, edits: Iterable[EditRow]) -> bool:
    return row.origin == "annif" and all(edit.user_id is None for edit in edits)


def _record(stored: StoredArticle, vocabulary: Vocabulary, by_program: bool) -> FeedbackRecord:
    article, state = stored.annotation.article, stored.state
    filed = _names((keyword.keyword_id for keyword in state.filed_under), vocabulary)
    unsure = (keyword.keyword_id for keyword in state.keywords if keyword.status == "open" and keyword.suggested)
    rejected = _names((keyword.keyword_id for keyword in state.rejected), vocabulary)
    return FeedbackRecord(
        id=f"feedback-{stored.id}",
        origin="annif" if by_program else FEEDBACK,
        title=article.title,
        text=article.text,
        date=article.date,
        source=article.source,
        url=article.url,
        keywords=filed,
        rejected=[name for name in rejected if name not in filed],
        unsure=[name for name in _names(unsure, vocabulary) if name not in filed and name not in rejected],
        reviewed=state.is_reviewed,
        lead=state.lead if state.lead_is_edited else None,
        entities=_marked(state.entities, "text") if state.entities_are_edited else None,
        title_entities=_marked(state.entities, "title") if state.entities_are_edited else None,
    )


def _names(keyword_ids: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """Give the names under which keywords go today; two that were merged are one."""
    known = (vocabulary.by_id.get(keyword_id) for keyword_id in keyword_ids)
    today = (vocabulary.resolve(keyword.name) for keyword in known if keyword)
    return list(dict.fromkeys(keyword.name for keyword in today if keyword and keyword.status == "active"))


def _marked(entities: Iterable[Entity], field: TextField) -> list[MarkedName]:
    """Give all names in a field in their order; of two that overlap, the first."""
    names = [
        MarkedName(start=mention.start, end=mention.end, type=entity.type)
        for entity in entities
        for mention in entity.mentions
        if mention.field == field
    ]
    kept: list[MarkedName] = []
    for name in sorted(names, key=lambda name: (name.start, -name.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return kept
