"""`tagger keywords` as an editor runs it, on a folder of her own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tagger import resources
from tagger.cli import app
from tagger.keywords.vocabulary import VOCABULARY_FILE, Vocabulary, load_vocabulary
from tagger.resources import training_data_dir

runner = CliRunner()
SUBCOMMANDS = ("list", "show", "add", "rename", "merge", "retire", "export", "import")


def run(*arguments: str | Path, stdin: str | None = None, code: int = 0) -> str:
    """Run the command in this process; give all that it prints, in one line."""
    done = runner.invoke(app, ["keywords", *map(str, arguments)], input=stdin)
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(training_data_dir() / VOCABULARY_FILE, data)
    monkeypatch.setenv("TAGGER_TRAINING_DATA_DIR", str(data))
    return data


def vocabulary_of(folder: Path) -> Vocabulary:
    return load_vocabulary(folder)


def test_the_command_works_in_its_own_process(folder: Path) -> None:
    command = [sys.executable, "-m", "tagger", "keywords"]
    listed = subprocess.run([*command, "--jsonl"], capture_output=True, timeout=120, check=True)
    assert json.loads(listed.stdout.splitlines()[1])["name"] == "Fintech"
    exported = subprocess.run(
        [*command, "export", "-", "--format", "skos"], capture_output=True, timeout=120, check=True
    ).stdout
    subprocess.run([*command, "import", "-", "--format", "skos"], input=exported, timeout=120, check=True)
    assert vocabulary_of(folder) == vocabulary_of(training_data_dir())


def test_plain_lists_as_list_does(folder: Path) -> None:
    assert run() == run("list")
    assert run("--jsonl") == run("list", "--jsonl")
    assert "Noms de domaine" in run()


def test_a_keyword_lives(folder: Path) -> None:
    shown = run("add", "Drones", "--definition", "Les drones.", "--synonym", "UAV", "--synonym", "drone")
    assert "added Drones" in shown
    assert "suggested at once" in shown
    assert "renamed Drones civils (was « Drones »)" in run("rename", "Drones", "Drones civils")
    assert "merged Drones civils (into « Recherche »)" in run("merge", "Drones civils", "Recherche")
    shown = run("show", "drones")
    for words in (
        "Drones civils",
        "retired, replaced by « Recherche »",
        "UAV, drone",
        "Les drones.",
        "Former names Drones",
    ):
        assert words in shown, words
    assert "retired Recherche" in run("retire", "Recherche")
    names = [json.loads(line)["name"] for line in (folder / VOCABULARY_FILE).read_text(encoding="utf-8").splitlines()]
    assert len(names) == 79
    assert names[-1] == "Drones civils"


def test_retired_keywords_are_listed_on_demand(folder: Path) -> None:
    run("retire", "SMSI")
    assert "SMSI" not in [json.loads(line)["name"] for line in _lines(folder, "list", "--jsonl")]
    retired = [
        item
        for line in _lines(folder, "list", "--jsonl", "--all")
        if (item := json.loads(line))["status"] != "active"
    ]
    assert [item["id"] for item in retired] == ["smsi"]
    assert "SMSI" not in run("list").split()
    assert "SMSI (retired)" in run("list", "--all")


def _lines(folder: Path, *arguments: str) -> list[str]:
    return runner.invoke(app, ["keywords", *arguments]).output.splitlines()


@pytest.mark.parametrize("ending", ["ttl", "tsv"])
def test_export_and_import_change_nothing(folder: Path, tmp_path: Path, ending: str) -> None:
    run("merge", "Médias", "Audiovisuel")
    before = (folder / VOCABULARY_FILE).read_bytes()
    file = tmp_path / f"v.{ending}"
    run("export", file)
    assert run("import", file) == "Nothing changed."
    assert (folder / VOCABULARY_FILE).read_bytes() == before


def test_import_says_what_it_does(folder: Path, tmp_path: Path) -> None:
    before = (folder / VOCABULARY_FILE).read_bytes()
    file = tmp_path / "v.tsv"
    file.write_text("<https://osiris.sn/vocabulaire/smsi>\tSommet\n<urn:x>\tDrones\n<urn:y>\n", encoding="utf-8")
    refused = run("import", file, code=3)
    assert "lacks 77 keywords" in refused
    assert "--update" in refused
    foretold = run("import", file, "--dry-run")
    assert "renamed Sommet (was « SMSI »)" in foretold
    assert "retired Fintech" in foretold
    assert foretold.endswith("Nothing was written. Left out, without a French name: urn:y.")
    assert (folder / VOCABULARY_FILE).read_bytes() == before
    updated = run("import", file, "--update")
    assert "added Drones" in updated
    assert "retired" not in updated
    assert len(vocabulary_of(folder).active) == 79
    run("import", file, "--yes")
    assert [keyword.name for keyword in vocabulary_of(folder).active] == ["Sommet", "Drones"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["show", "fintec"], 3, "Did you mean « Fintech »?"),
        (["rename", "Fintec", "Finance"], 3, "Did you mean « Fintech »?"),
        (["merge", "Fintech", "Finance"], 3, "No keyword is called 'Finance'"),
        (["add", "Fintech", "--definition", "x"], 3, "There is a keyword « Fintech » already"),
        (["add", "Drones"], 2, "--definition"),
        (["import", "nowhere.ttl"], 3, "nowhere.ttl"),
        (["import", "README.md"], 2, "--format"),
        (["import", "README.md", "--format", "annif-tsv"], 3, "Line 1"),
        (["import", "tests/data/nowhere", "--format", "skos"], 3, "No such file"),
        (["export", "v.csv"], 2, "--format"),
        (["export", "nowhere/v.ttl"], 3, "nowhere"),
        (["--training-data", "x", "retire", "Genre"], 2, "after the word 'retire'"),
    ],
)
def test_misuse_is_answered(folder: Path, arguments: list[str], code: int, message: str) -> None:
    before = (folder / VOCABULARY_FILE).read_bytes()
    done = runner.invoke(app, ["keywords", *arguments], env={"COLUMNS": "200"})
    assert done.exit_code == code, done.output
    assert message in " ".join(done.output.split())
    assert (folder / VOCABULARY_FILE).read_bytes() == before


def test_a_file_in_another_encoding_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "v.tsv").write_bytes("<urn:x>\tTélévision\n".encode("latin-1"))
    assert "is not UTF-8" in run("import", tmp_path / "v.tsv", code=3)


def test_the_installed_vocabulary_is_not_edited(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_INSTALLED", folder.parent)
    refused = run("retire", "SMSI", code=3)
    assert "part of the installed program" in refused
    assert "TAGGER_TRAINING_DATA_DIR" in refused
    assert "SMSI" in run("export", "-", "--format", "annif-tsv")


def test_a_vocabulary_that_may_not_be_written_is_not_edited(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "cannot be written into" in run("retire", "SMSI", code=3)
    assert len(vocabulary_of(folder).active) == 78


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_subcommand_explains_itself_with_an_example(name: str) -> None:
    shown = run(name, "--help")
    assert "Example" in shown
    assert f"tagger keywords {name}" in shown


def test_subcommands_are_all_tested() -> None:
    group = next(group for group in app.registered_groups if group.name == "keywords")
    assert group.typer_instance is not None
    commands = group.typer_instance.registered_commands
    assert {command.name or command.callback.__name__ for command in commands} == set(SUBCOMMANDS)  # type: ignore[union-attr]
