"""One set of options, whichever door they come through."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast, get_type_hints

import pytest
from typer.main import get_command

from tagger import Annotator, Article
from tagger.cli import app
from tagger.options import AnnotateOptions, Options
from tagger.reading import Record
from tagger.service.options import AnnotateParameters
from tagger.settings import Settings

NAMES = set(AnnotateOptions.model_fields)
TEXT = "La Sonatel a inauguré jeudi à Dakar un centre de données de 200 baies."


def test_keyword_arguments_are_those_of_the_model() -> None:
    types = {name: field.annotation for name, field in AnnotateOptions.model_fields.items()}
    assert get_type_hints(Options) == types


@pytest.mark.parametrize("command", ["annotate", "retag"])
def test_commands_have_every_option_with_its_default(command: str) -> None:
    commands = cast(Any, get_command(app)).commands
    parameters = {parameter.name: parameter for parameter in commands[command].params}
    for name, field in AnnotateOptions.model_fields.items():
        assert f"--{name.replace('_', '-')}" in parameters[name].opts
        if name != "profile":
            assert parameters[name].default == field.default
            assert parameters[name].help == field.description


def test_every_option_is_documented() -> None:
    documented = (Path(__file__).parent.parent / "docs" / "http.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in documented] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_chars": 100}, "max_chars: Extra inputs are not permitted. The options are lead_chars, "),
        ({"top": 0}, "top: Input should be greater than or equal to 1"),
        ({"profile": "slow"}, "profile: Input should be 'fast' or 'best'"),
        ({"lead_sentences": 3}, "lead_sentences: Input should be less than or equal to 2"),
    ],
)
def test_a_wrong_option_is_named(options: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match="The options are") as caught:
        AnnotateOptions.of(options)
    assert message in str(caught.value)


def test_a_wrong_option_is_the_caller_s_fault_and_not_the_record_s() -> None:
    annotator = Annotator.load(Settings(), keywords_only=True)
    wrong: Any = {"lead": 3}
    with pytest.raises(ValueError, match="lead: Extra inputs"):
        annotator.annotate(Article(text=TEXT), **wrong)
    with pytest.raises(ValueError, match="lead: Extra inputs"):
        annotator.answer(Record(text=TEXT), **wrong)


def test_options_are_heeded() -> None:
    annotator = Annotator.load(Settings(), keywords_only=True)
    annotation = annotator.annotate(Article(text=TEXT), top=4, profile="fast")
    assert len(annotation.keywords) == 4
    assert annotation.model.keywords.startswith("fast ")
    asked = AnnotateOptions(top=4, profile="fast")
    assert annotator.annotate(Article(text=TEXT), **asked.model_dump()) == annotation


def test_the_service_leaves_other_parameters_alone() -> None:
    assert AnnotateParameters.model_validate({"top": 3, "_": "1700000000"}) == AnnotateParameters(top=3)
