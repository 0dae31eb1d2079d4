"""Two files compared, or one with the editors' own filing that its records carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tagger.article import Annotation
from tagger.batch.difference.answers import Answer, open_answers
from tagger.batch.difference.counting import DEFAULT_SURE, DEFAULT_TOP, DifferenceCounter
from tagger.batch.difference.matching import Half, match
from tagger.batch.difference.result import Difference
from tagger.batch.difference.sides import Side, Sides
from tagger.errors import Failure, InvalidRecordError
from tagger.keywords.vocabulary import Vocabulary
from tagger.reading.records import Record


def compare(
    old: Path | None, new: Path, vocabulary: Vocabulary, *, sure: float, top: int, advance: Callable[[], None]
) -> Difference:
    """Compare two files by the ids of their records, or `new` with its editors' filing where `old` is None.

    `sure` and `top` are those of `DifferenceCounter`; `advance` is called after every article.

    Raises:
        InvalidRecordError: a record of `new` is not annotated, one that must be matched has no id, or none match.
        UnsupportedFormatError: a file is of none of the formats that hold records.
        OSError: a file cannot be read.
    """
    with ExitStack() as stack:
        answers = _annotated(stack.enter_context(open_answers(new, vocabulary)), new)
        if old is None:
            difference = compare_with_filing(answers, vocabulary, sure=sure, top=top, advance=advance)
        else:
            counter = stack.enter_context(DifferenceCounter(vocabulary, sure=sure, top=top))
            before = map(Sides(vocabulary, sketched=False).of, stack.enter_context(open_answers(old, vocabulary)))
            after = map(Sides(vocabulary, sketched=True).of, answers)
            for pair in match(_identified(before, old), _identified(after, new)):
                counter.add(*pair)
                advance()
            difference = counter.result()
    if not difference.articles:
        raise InvalidRecordError(_why_nothing(difference, old, new))
    return difference


def compare_with_filing(
    answers: Iterable[Annotation | Failure],
    vocabulary: Vocabulary,
    *,
    sure: float = DEFAULT_SURE,
    top: int = DEFAULT_TOP,
    advance: Callable[[], None] = lambda: None,
) -> Difference:
    """Compare annotations with the editors' filing that they carry; see `compare`."""
    with DifferenceCounter(vocabulary, sure=sure, top=top) as counter:
        for answer in answers:
            counter.add_answer(answer)
            advance()
        return counter.result()


def _annotated(answers: Iterable[Answer], path: Path) -> Iterator[Annotation | Failure]:
    for number, answer in enumerate(answers, 1):
        if isinstance(answer, Record):
            raise InvalidRecordError(
                f"Record {number} of {path} is not annotated. Annotate the file first "
                f"(tagger annotate {path} -o annotated.jsonl), and name the annotated one last."
            )
        yield answer


def _identified(halves: Iterable[Half], path: Path) -> Iterator[Half]:
    for number, half in enumerate(halves, 1):
        if isinstance(half, Side) and half.id is None:
            raise InvalidRecordError(
                f"Record {number} of {path} has no id, and records are matched by their ids. Give each record of the "
                "archive an id and annotate it anew; or name NEW alone, to compare it with its editors' filing."
            )
        yield half


def _why_nothing(difference: Difference, old: Path | None, new: Path) -> str:
    left = difference.uncompared
    if old is None or not (left.only_old and left.only_new):
        failed = f"{left.failed_old + left.failed_new} failed" if left.failed_old + left.failed_new else "it is empty"
        return f"There is no annotated article to compare in {new}: {failed}."
    ids = {side: next((each.id for each in left.examples if each.side == side), None) for side in ("old", "new")}
    return (
        f"No id of {old} is in {new}, so no article can be compared: the first has ids such as {ids['old']!r}, the "
        f"second such as {ids['new']!r}. Compare two annotations of the same archive."
    )
