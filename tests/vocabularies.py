"""Vocabularies with names as odd as they may be, for the property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from tagger.keywords.vocabulary import Keyword, Vocabulary, fold

_CHARACTERS = st.one_of(
    st.sampled_from("/\\'’\"«»<>&;|#@:,.()[]{}% \u00a0\u202f\u200b-–éèçœÉàŒßİ…"),
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")),
)
_LINES = st.text(_CHARACTERS, max_size=30).map(str.strip)
_LABELS = _LINES.filter(bool)
NAMES = _LINES.filter(lambda text: any(map(str.isalnum, text)))
_IDS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6})?", fullmatch=True)
_GROUPS = st.one_of(st.just(""), st.sampled_from(("Réseaux", "reseaux", "/", "A & B")), _LINES)


@st.composite
def vocabularies(draw: st.DrawFn, min_size: int = 0) -> Vocabulary:
    size = draw(st.integers(min_size, 6))
    ids = draw(st.lists(_IDS, min_size=size, max_size=size, unique=True))
    names = draw(st.lists(NAMES, min_size=size, max_size=size, unique_by=fold))
    return Vocabulary(tuple(draw(_keywords(ids, number, name)) for number, name in enumerate(names)))


@st.composite
def _keywords(draw: st.DrawFn, ids: list[str], number: int, name: str) -> Keyword:
    status = draw(st.sampled_from(("active", "retired")))
    successors = ids[:number] if status == "retired" else []  # none is replaced in a circle
    labels = st.one_of(_LABELS, st.just(name))
    return Keyword(
        id=ids[number],
        name=name,
        group=draw(_GROUPS),
        definition=draw(_LINES),
        synonyms=tuple(draw(st.lists(labels, max_size=4))),
        archive_count=draw(st.integers(0, 10_000)),
        status=status,
        replaced_by=draw(st.sampled_from(successors)) if successors and draw(st.booleans()) else None,
        former_names=tuple(draw(st.lists(labels, max_size=3))),
    )
