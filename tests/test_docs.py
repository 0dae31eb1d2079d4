"""The documentation says what the code does."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest
import yaml

from tagger import errors
from tagger.article import WarningCode
from tagger.cli import app
from tagger.feedback.decision_kinds import Decision
from tagger.keywords.model import KeywordModel
from tagger.resources import models_dir
from tagger.service.app import create_app
from tagger.service.observability import Metrics
from tagger.settings import Settings

ROOT = Path(__file__).parent.parent


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_setting_is_documented_with_its_default() -> None:
    documented = dict(re.findall(r"^\| `(TAGGER_\w+)` \| (.+?) \|", text("docs/configuration.md"), re.MULTILINE))
    assert set(documented) == {f"TAGGER_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        folders = "the user's data folder" if name == "data_dir" else "the shipped folder"
        unset = folders if name.endswith("_dir") else "none"
        default = f"`{field.default}`" if field.default is not None else unset
        assert documented[f"TAGGER_{name.upper()}"] == default


def test_every_problem_is_documented_with_its_status() -> None:
    documented = dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", text("docs/http.md"), re.MULTILINE))
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.TaggerError)]
    bases = (errors.InputError, errors.RequestError)
    told = {kind.code for kind in kinds if issubclass(kind, bases) and kind not in bases}
    assert told <= documented.keys()
    assert documented.items() <= {kind.code: str(kind.status) for kind in kinds}.items()


def test_every_problem_of_feedback_is_documented_with_its_status() -> None:
    documented = dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", text("docs/feedback.md"), re.MULTILINE))
    kinds = {
        kind.code: str(kind.status)
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.TaggerError)
    }
    assert documented.items() <= kinds.items()
    assert "edit-conflict" in documented


def test_every_kind_of_decision_is_documented() -> None:
    table = re.findall(r"^\| ((?:`[a-z-]+` ?)+)\| [^\d]", text("docs/feedback.md"), re.MULTILINE)
    documented = {kind for cell in table for kind in re.findall(r"`([a-z-]+)`", cell)}
    assert documented == {kind.model_fields["kind"].default for kind in get_args(Decision)}


def test_every_address_is_documented() -> None:
    documented = set(re.findall(r"^\| `((?:GET|POST) /\S+)` \|", text("docs/http.md"), re.MULTILINE))
    paths = create_app().openapi()["paths"]
    assert documented == {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_every_warning_is_documented() -> None:
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", text("docs/formats.md"), re.MULTILINE))
    assert documented == set(get_args(WarningCode))
    assert documented == set(re.findall(r'code="([a-z-]+)"', text("tagger/annotator.py")))


def test_alerts_watch_what_is_measured_and_are_explained() -> None:
    rules = yaml.safe_load(text("deploy/alerts.yml"))["groups"][0]["rules"]
    measured = set(re.findall(r"^# TYPE (\w+)", Metrics().text().decode(), re.MULTILINE))
    for rule in rules:
        watched = re.findall(r"\b(?:tagger|process)_\w+", rule["expr"])
        assert {name.removesuffix("_bucket") for name in watched} <= measured, rule["alert"]
        assert rule["annotations"]["summary"]
    explained = re.findall(r"^\| `(Tagger\w+)` \|", text("docs/operating.md"), re.MULTILINE)
    assert explained == [rule["alert"] for rule in rules]


def test_deployment_files_name_settings_and_extras_that_exist() -> None:
    settings = {f"TAGGER_{name.upper()}" for name in Settings.model_fields}
    for name in ("deploy/tagger.service", "deploy/Containerfile", "deploy/nginx.conf", "docs/operating.md"):
        assert set(re.findall(r"TAGGER_[A-Z_]+", text(name))) <= settings, name
    extras = re.findall(r"\.\[([\w,]+)\]", text("deploy/Containerfile"))
    assert set(extras[0].split(",")) <= set(tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"])


def test_commands_in_the_readme_exist() -> None:
    commands: set[object] = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]
    commands |= {group.name for group in app.registered_groups}
    assert set(re.findall(r"^tagger (\w+)", text("README.md"), re.MULTILINE)) <= commands


def test_figures_in_the_readme_are_the_models() -> None:
    readme = text("README.md")
    names = ("precision_at_1", "recall_at_3", "recall_at_5")
    figures = re.search(r"first / among 3 / among 5 \| (.+?) \| (.+?) \|", readme)
    sets = re.search(r"micro F1 \| (.+?) \| (.+?) \|", readme)
    assert figures is not None
    assert sets is not None
    for place, profile in enumerate(("fast", "best"), 1):
        scores = KeywordModel.load(models_dir(), profile).manifest.scores
        found = [float(value) for value in figures.group(place).split(" / ")]
        assert found == pytest.approx([scores[name] for name in names], abs=0.006)
        assert float(sets.group(place)) == pytest.approx(scores["micro_f1"], abs=0.006)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/http.md",
        "docs/formats.md",
        "docs/vocabulary.md",
        "docs/names.md",
        "docs/configuration.md",
        "docs/training.md",
        "docs/feedback.md",
        "docs/leads.md",
        "docs/desk.md",
        "docs/guide-redaction.md",
        "docs/comparing.md",
        "docs/retagging.md",
        "docs/scaling.md",
        "docs/spip.md",
        "docs/operating.md",
        "docs/client.md",
        "models/README.md",
    ],
)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", text(name)):
        assert (ROOT / name).parent.joinpath(target).exists(), target
