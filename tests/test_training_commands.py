"""`tagger train`, `evaluate`, `compare` and `tune`, as a data scientist uses them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tagger.errors import SettingsError
from tagger.training.comparison import ModelName
from tests.test_cli import tagger as run_tagger

QUICK = {"epochs": 3}


@dataclass(frozen=True)
class Done:
    """What a command printed."""

    stdout: str
    stderr: str


def tagger(*arguments: object, code: int = 0) -> Done:
    done = run_tagger(*map(str, arguments))
    assert done.returncode == code, done.stderr.decode()
    return Done(done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parameters") / "quick.json"
    path.write_text(json.dumps(QUICK), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def models(small_data: Path, quick: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    run = tagger("train", "--training-data", small_data, "--output", folder, "--parameters", quick)
    assert "fast" in run.stdout
    assert "best" in run.stdout
    return folder


def test_trained_models_annotate(models: Path, small_data: Path, examples: Path) -> None:
    run = tagger("annotate", examples / "article.txt", "--models", models, "--training-data", small_data, "--top", 8)
    answer = json.loads(run.stdout)
    assert len(answer["keywords"]) == 8
    assert answer["model"]["keywords"].startswith("best ")
    assert not answer["warnings"] or "fast-profile" not in {item["code"] for item in answer["warnings"]}


def test_evaluation_writes_both_reports(small_data: Path, quick: Path, tmp_path: Path) -> None:
    page, figures = tmp_path / "report.html", tmp_path / "report.json"
    arguments = ["--repetitions", 2, "--html", page, "--json", figures, "--parameters", quick]
    run = tagger("evaluate", "--training-data", small_data, *arguments)
    assert "P@1" in run.stdout
    evaluation = json.loads(figures.read_text(encoding="utf-8"))
    assert evaluation["repetitions"] == 2
    assert set(evaluation["profiles"]) == {"fast", "best"}
    best = evaluation["profiles"]["best"]
    assert len(best["keywords"]) == 8
    assert best["scores"]["recall_at_5"] > 0.7
    assert sum(item["articles"] for item in best["keywords"]) >= evaluation["articles"]
    assert "Fintech" in page.read_text(encoding="utf-8")


def test_comparison_of_a_model_with_itself_finds_nothing(models: Path, small_data: Path, tmp_path: Path) -> None:
    corpus, figures = small_data / "corpus/osiris-briefs.jsonl", tmp_path / "c.json"
    arguments = ["--corpus", corpus, "--samples", 100, "--training-data", small_data, "--json", figures]
    tagger("compare", f"{models}:fast", f"{models}:fast", *arguments)
    for item in json.loads(figures.read_text(encoding="utf-8"))["differences"]:
        assert item["first"] == item["second"]
        assert item["low"] == item["high"] == 0


def test_comparison_sees_a_worse_model(models: Path, small_data: Path, tmp_path: Path) -> None:
    corpus, figures, worse = small_data / "corpus/osiris-briefs.jsonl", tmp_path / "c.json", tmp_path / "worse"
    shutil.copytree(models, worse)
    path = worse / "keywords/fast/manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["keyword_ids"].reverse()  # every score under another keyword's name
    path.write_text(json.dumps(manifest), encoding="utf-8")
    arguments = ["--corpus", corpus, "--samples", 100, "--training-data", small_data, "--json", figures]
    tagger("compare", f"{models}:fast", f"{worse}:fast", *arguments)
    first = json.loads(figures.read_text(encoding="utf-8"))["differences"][0]
    assert first["score"] == "precision_at_1"
    assert first["high"] < 0


def test_model_names() -> None:
    assert ModelName.parse("models") == ModelName(Path("models"), "best")
    assert ModelName.parse("C:/models:fast") == ModelName(Path("C:/models"), "fast")
    with pytest.raises(SettingsError, match="fast or best"):
        ModelName.parse("models:quick")


def test_tuned_parameters_can_be_trained_with(small_data: Path, tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    run = tagger("tune", "--training-data", small_data, "--trials", 1, "--output", found)
    assert "as they are" in run.stdout
    arguments = ["--profile", "fast", "--parameters", found, "--output", tmp_path / "models"]
    tagger("train", "--training-data", small_data, *arguments)
    assert (tmp_path / "models/keywords/fast/manifest.json").is_file()


@pytest.mark.parametrize(
    ("content", "message"), [("{", "does not hold parameters"), ('{"depth": 3}', "does not hold parameters")]
)
def test_bad_parameters_are_named(small_data: Path, tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "p.json").write_text(content, encoding="utf-8")
    run = tagger("evaluate", "--training-data", small_data, "--parameters", tmp_path / "p.json", code=3)
    assert message in " ".join(run.stderr.split())


@pytest.mark.parametrize(("lines", "message"), [(0, "has no article"), (2, "2 articles to test on; at least 5")])
def test_a_corpus_that_is_too_small_is_told(small_data: Path, tmp_path: Path, lines: int, message: str) -> None:
    briefs = (small_data / "corpus/osiris-briefs.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "small.jsonl").write_text("".join(briefs[:lines]), encoding="utf-8")
    arguments = ["--training-data", small_data, "--profile", "fast", "--corpus", tmp_path / "small.jsonl"]
    run = tagger("evaluate", *arguments, code=3)
    assert message in " ".join(run.stderr.split())


def test_a_report_that_cannot_be_written_is_told_before_the_work(small_data: Path, tmp_path: Path) -> None:
    run = tagger("evaluate", "--training-data", small_data, "--html", tmp_path / "none" / "report.html", code=2)
    assert "--html" in run.stderr
    assert "near-duplicates" not in run.stderr


def test_spacy_component(small_data: Path, models: Path) -> None:
    import spacy

    nlp = spacy.blank("fr")
    config = {"models": str(models), "training_data": str(small_data), "profile": "best"}
    nlp.add_pipe("osiris_keywords", config=config)
    doc = nlp("Wave et Orange Money baissent les frais de transfert d'argent par téléphone.")
    assert len(doc.cats) == 8
    assert max(doc.cats, key=doc.cats.get) == "Fintech"
    assert doc._.keywords[0].keyword == "Fintech"
    assert doc._.keywords[0].evidence
