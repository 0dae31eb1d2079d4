"""The command `tagger` as people and pipelines run it, in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tagger.cli import app

COMMANDS = (
    "annotate",
    "serve",
    "train",
    "evaluate",
    "import",
    "compare",
    "tune",
    "promote",
    "keywords",
    "feedback",
    "users",
    "keys",
    "diff",
    "retag",
    "undo",
    "spip",
)


def tagger(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tagger", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=600, check=False)


def test_jsonl_when_piped(examples: Path) -> None:
    done = tagger("annotate", examples / "page.html", examples / "article.txt", "--top", "3")
    assert done.returncode == 0, done.stderr.decode()
    page, article = map(json.loads, done.stdout.splitlines())
    assert page["keywords"][0]["keyword"] == "Cybersécurité/Cybercriminalité"
    assert len(page["keywords"]) == 3
    assert article["article"]["source"] == "Agence de presse des exemples"
    assert set(article) == {
        "id",
        "language",
        "article",
        "keywords",
        "entities",
        "lead",
        "title_suggestion",
        "countries",
        "model",
        "warnings",
    }


def test_table_for_people(examples: Path) -> None:
    done = tagger("annotate", examples / "article.txt", "--table")
    shown = done.stdout.decode()
    for words in ("Fibre optique : Sonatel", "Régulation des télécoms", "Dahirou Thiam", "Sénégal", "SN", "✓"):
        assert words in shown, words


def test_bad_record_does_not_stop_the_others(examples: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    done = tagger("annotate", examples / "records.jsonl", "--output", output)
    assert done.returncode == 1
    assert "1 could not be annotated" in done.stderr.decode()
    records = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in records] == ["cms-1", "cms-2", "cms-3"]
    assert records[1]["error"]["type"] == "urn:osiris-tagger:problem:empty-text"
    assert records[0]["article"]["keywords"] == ["Fintech"]


@pytest.mark.parametrize("name", ["page.html", "article.txt", "records.jsonl"])
def test_standard_input_is_recognised(examples: Path, name: str) -> None:
    done = tagger("annotate", "-", stdin=(examples / name).read_bytes())
    from_file = tagger("annotate", examples / name)
    assert (
        json.loads(done.stdout.splitlines()[0])["keywords"]
        == json.loads(from_file.stdout.splitlines()[0])["keywords"]
    )


def test_other_language_is_answered_or_refused(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text(
        "The regulator fined two operators on Monday.\n\nIt said that the quality of the network was not enough.",
        encoding="utf-8",
    )
    done = tagger("annotate", tmp_path / "en.txt")
    record = json.loads(done.stdout)
    assert (done.returncode, record["language"]) == (0, "en")
    assert record["warnings"][0]["code"] == "not-french"
    refused = tagger("annotate", tmp_path / "en.txt", "--require-french")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"]["type"].endswith("not-french")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["annotate", "nowhere.txt"], 3, "nowhere.txt"),
        (["annotate", "pyproject.toml"], 3, "not one of"),
        (["annotate", "[/b].txt"], 3, "[/b].txt"),
        (["annotate", "tests"], 3, "tests"),
        (["annotate", "--charset", "base64", "-"], 1, ""),
        (["annotate"], 2, "Missing argument"),
        (["annotate", "-", "--models", "nowhere"], 3, "not a folder"),
        (["train", "--corpus", "nowhere"], 3, "no corpus"),
    ],
)
def test_errors_say_what_to_do(arguments: list[str], code: int, message: str) -> None:
    done = tagger(*arguments, stdin=b"")
    assert done.returncode == code
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_binary_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "scan.txt").write_bytes(b"%PDF-1.7\n...")
    done = tagger("annotate", tmp_path / "scan.txt")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["type"].endswith("binary-data")


def test_vocabulary_is_listed() -> None:
    done = tagger("keywords", "--jsonl")
    assert len(done.stdout.splitlines()) == 78
    assert "Noms de domaine" in tagger("keywords").stdout.decode()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    shown = tagger(command, "--help").stdout.decode()
    assert "Example" in shown
    assert f"tagger {command}" in shown


def test_commands_are_all_tested() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]
    assert commands | {group.name for group in app.registered_groups} == set(COMMANDS)


def test_output_may_be_the_input(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id":"1","text":"Le Mali lance la 5G à Bamako, dit le ministre."}\n', encoding="utf-8")
    assert tagger("annotate", path, "--output", path).returncode == 0
    assert json.loads(path.read_text(encoding="utf-8"))["keywords"]
    before = path.read_text(encoding="utf-8")
    assert tagger("annotate", "nowhere.txt", "--output", path).returncode == 3
    assert path.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [path]


def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGGER_PORT", "abc")
    done = tagger("serve")
    assert done.returncode == 3
    assert "TAGGER_PORT" in done.stderr.decode()


def test_training_writes_where_the_models_are_said_to_be(
    small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGGER_MODELS_DIR", str(tmp_path))
    done = tagger("train", "--training-data", small_data, "--profile", "fast")
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "keywords/fast/manifest.json").is_file()
