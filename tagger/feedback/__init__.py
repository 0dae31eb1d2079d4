"""Annotated articles, what editors decide about them, and what models learn from it.

articles = Articles(database)
stored = articles.add(annotation, "desk", keep_text=True)
decisions = Decisions(database)
stored = decisions.record(stored.id, user.id, stored.revision, [KeywordAccepted(keyword_id="fintech")])
stored.state.filed_under, decisions.history(stored.id)
"""

from tagger.feedback.articles import Articles, Filters
from tagger.feedback.decision_kinds import Decision, parse_decisions
from tagger.feedback.decisions import Decisions, Edit
from tagger.feedback.rows import StoredArticle
from tagger.feedback.state import ArticleState
from tagger.feedback.users import Users

__all__ = [
    "ArticleState",
    "Articles",
    "Decision",
    "Decisions",
    "Edit",
    "Filters",
    "StoredArticle",
    "Users",
    "parse_decisions",
]
