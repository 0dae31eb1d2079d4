"""Lists of articles: the queue of those to review, and the search with its facets."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from tagger.feedback import Filters, StoredArticle
from tagger.feedback.articles import FacetCount
from tagger.service.desk import security
from tagger.service.desk.rendering import page
from tagger.service.desk.routing import DeskOf, Editor, new_router, redirect
from tagger.store.articles import Origin, Review

router = new_router()

_PAGE = 25
_LEAST_CANDIDATE = 0.15  # probability from which a keyword that is not suggested is shown in a list
_CANDIDATES = 3
_REVIEWS: dict[Review, str] = {"waiting": "À relire", "reviewed": "Relus"}


@dataclass(frozen=True)
class Narrowing:
    """What a list is narrowed down to, as the address of its page says; empty is everything."""

    keyword: str = ""
    entity: str = ""
    country: str = ""
    year: int | None = None
    origin: Origin | None = None
    review: Review | None = None

    @classmethod
    def of(
        cls,
        keyword: str = "",
        entity: str = "",
        country: str = "",
        year: Annotated[str, Query(pattern=r"^\d{0,4}$")] = "",
        origin: Origin | Literal[""] = "",
        review: Review | Literal[""] = "",
    ) -> Self:
        """Read it from the query of an address; an empty field of a form is no filter."""
        return cls(keyword, entity, country, int(year) if year else None, origin or None, review or None)

    def filters(self) -> Filters:
        """Give the same for the store."""
        return Filters(**{name: value or None for name, value in vars(self).items()})

    def query(self, **more: object) -> str:
        """Write it as the query of an address, with more parameters; those that are empty are left out."""
        return urlencode({name: value for name, value in {**vars(self), **more}.items() if value})

    def with_(self, **changed: Any) -> Self:  # noqa: ANN401 - whatever type each field has
        """Give it with other values."""
        return replace(self, **changed)

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


NarrowingOf = Annotated[Narrowing, Depends(Narrowing.of)]


@dataclass(frozen=True)
class Choice:
    """A value of a facet: how many articles have it, and where choosing it, or dropping it, leads."""

    label: str
    count: int
    is_chosen: bool
    address: str


@router.get("")
def first_page(user: Editor) -> Response:
    """Begin where there is work."""
    return redirect(f"{security.PATH}/queue")


@router.get("/queue")
def queue(request: Request, desk: DeskOf, user: Editor, narrowing: NarrowingOf, after: int | None = None) -> Response:
    """List the articles that wait for review, the most useful first."""
    filters = narrowing.filters()
    found = desk.articles.queue(filters, _PAGE + 1, after)
    facets = desk.articles.facets("", replace(Filters(), review="waiting"))
    return page(
        request,
        "queue.html",
        user=user,
        waiting=desk.articles.waiting(),
        matching=desk.articles.waiting(filters),
        articles=[(article, keyword_tags(article)) for article in found[:_PAGE]],
        narrowing=narrowing,
        facets=facets,
        after=after,
        more=narrowing.query(after=found[_PAGE - 1].id) if len(found) > _PAGE else None,
        done="done" in request.query_params,
    )


@router.get("/queue/next")
def next_in_queue(desk: DeskOf, user: Editor, narrowing: NarrowingOf, after: int) -> Response:
    """Lead to the article that comes after one; after the last, back to the list."""
    found = desk.articles.queue(narrowing.filters(), 1, after)
    if not found:
        return redirect(f"{security.PATH}/queue?{narrowing.query(done=1)}")
    return redirect(f"{security.PATH}/articles/{found[0].id}?{narrowing.query(queue=1)}")


@router.get("/search")
def search(
    request: Request,
    desk: DeskOf,
    user: Editor,
    narrowing: NarrowingOf,
    q: str = "",
    start: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Find articles by words, keyword, entity, country and year."""
    q = q.replace("\0", " ").strip()
    filters = narrowing.filters()
    found = desk.articles.search(q, filters, _PAGE, start)
    facets = desk.articles.facets(q, filters)
    lists = {
        "keyword": ("Mots-clés", facets.keywords),
        "entity": ("Personnes, institutions, lieux", facets.entities),
        "country": ("Pays", facets.countries),
        "year": ("Années", facets.years),
    }
    return page(
        request,
        "search.html",
        user=user,
        waiting=desk.articles.waiting(),
        q=q,
        narrowing=narrowing,
        total=found.total,
        articles=[(article, keyword_tags(article)) for article in found.articles],
        facets=[(title, _choices(name, counts, narrowing, q)) for name, (title, counts) in lists.items()],
        reviews=[
            (
                label,
                narrowing.review == value,
                _address(narrowing.with_(review=None if narrowing.review == value else value), q),
            )
            for value, label in _REVIEWS.items()
        ],
        previous=_address(narrowing, q, max(start - _PAGE, 0)) if start else None,
        following=_address(narrowing, q, start + _PAGE) if start + _PAGE < found.total else None,
        start=start,
    )


def _choices(name: str, counts: list[FacetCount], narrowing: Narrowing, q: str) -> list[Choice]:
    chosen = str(getattr(narrowing, name) or "")
    return [
        Choice(
            label=count.label,
            count=count.count,
            is_chosen=count.value == chosen,
            address=_address(narrowing.with_(**{name: None if count.value == chosen else count.value}), q),
        )
        for count in counts
    ]


def _address(narrowing: Narrowing, q: str, start: int = 0) -> str:
    return f"{security.PATH}/search?{narrowing.query(q=q, start=start)}"


def keyword_tags(article: StoredArticle) -> list[tuple[str, float | None, str]]:
    """Give the keywords that a list shows of an article: name, probability, and how sure they are."""
    tags: list[tuple[str, float | None, str]] = [
        (keyword.keyword, None if keyword.applies else keyword.probability, "sure" if keyword.applies else "")
        for keyword in article.state.found_by
    ]
    if article.state.is_reviewed:
        return tags
    candidates = [
        (keyword.keyword, keyword.probability, "unsure")
        for keyword in article.state.keywords
        if keyword.status == "open" and not keyword.suggested and (keyword.probability or 0) >= _LEAST_CANDIDATE
    ]
    return tags + candidates[:_CANDIDATES]
