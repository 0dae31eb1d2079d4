"""Articles selected for a look: from a comparison, or by hand on its page, as lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tagger.article import Annotation
from tagger.batch.difference.answers import open_answers
from tagger.batch.difference.result import Difference, Reason
from tagger.errors import InvalidRecordError
from tagger.keywords.vocabulary import Vocabulary


class Selected(BaseModel):
    """An article of a selection, with the reasons for a look if they are known."""

    model_config = ConfigDict(extra="ignore")

    id: str
    reasons: list[Reason] = []


def select(difference: Difference) -> list[Selected]:
    """Give the articles that a comparison names as worth a look, each once; one without an id cannot be selected."""
    reasons: dict[str, list[Reason]] = {}

    def add(id: str | None, reason: Reason) -> None:
        if id is not None and reason not in reasons.setdefault(id, []):
            reasons[id].append(reason)

    for look in difference.filed_otherwise.foremost:
        add(look.id, "filed-otherwise")
    for look in difference.agreement_lost.foremost:
        add(look.id, "agreement-lost")
    for pair in difference.twins.foremost:
        add(pair.first.id, "twins-filed-apart")
        add(pair.second.id, "twins-filed-apart")
    return [Selected(id=id, reasons=why) for id, why in reasons.items()]


def read_selection(path: Path) -> list[Selected]:
    """Read a selection.

    Raises:
        InvalidRecordError: a line is none.
        OSError: the file cannot be read.
    """
    selected = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                selected.append(Selected.model_validate_json(line))
            except ValidationError as error:
                raise InvalidRecordError(
                    f'Line {number} of {path} is not {{"id": "…"}}, as --select and the HTML page write it: {error}'
                ) from None
    return selected


def annotations_of(selected: list[Selected], new: Path, vocabulary: Vocabulary) -> Iterator[Annotation]:
    """Read the annotations of a selection out of the file that was compared, in its order."""
    wanted = {each.id for each in selected}
    with open_answers(new, vocabulary) as answers:
        for answer in answers:
            if isinstance(answer, Annotation) and answer.id in wanted:
                yield answer
