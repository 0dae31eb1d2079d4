"""`tagger import names` as an editor runs it, with a file of names of her newsroom's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tagger.cli import app
from tagger.entities.known_name_files import OWN_COLUMNS, load_known_names, load_own
from tagger.entities.known_names import KnownNames
from tagger.resources import training_data_dir

runner = CliRunner()
TABLE = """type,name,aliases,former_names,kind,role,country
ORG,Baobab Labs,BaobabLabs | Labs du Baobab,Fromager SA,entreprise,,SN
PER,Awa Fall Ndoye,Awa Ndoye,,,Directrice de Baobab Labs,SN
ORG,Sonatel,Sonatel SA,,,,
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "our-names.csv"
    monkeypatch.setenv("TAGGER_NAMES_FILE", str(path))
    return path


def run(*arguments: str | Path, stdin: str | bytes | None = None, code: int = 0) -> str:
    """Run the command in this process; give all that it prints, in one line."""
    done = runner.invoke(app, ["import", "names", *map(str, arguments)], input=stdin, env={"COLUMNS": "300"})
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def rejected(line: str, header: str = "type,id,name,aliases,ambiguous_aliases,country") -> str:
    return run("-", stdin=f"{header}\n{line}\n", code=1)


def test_imported_names_are_found_and_linked_by_the_real_command(own: Path) -> None:
    command = [sys.executable, "-m", "tagger"]
    shown = subprocess.run(
        [*command, "import", "names", "-"], input=TABLE, capture_output=True, text=True, check=True
    )
    assert "2 added, 1 updated, 0 unchanged, 0 rejected." in shown.stdout
    article = {
        "title": "Baobab Labs recrute",
        "text": "À Dakar, BaobabLabs ouvre un centre. Fromager SA, au Sénégal, avait échoué. Awa Fall Ndoye sourit.",
    }
    answer = subprocess.run(
        [*command, "annotate", "-", "--jsonl", "--profile", "fast"],
        input=json.dumps(article) + "\n",
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    ).stdout
    found = {entity["id"]: entity for entity in json.loads(answer)["entities"] if entity["known"]}
    assert found["baobab-labs"]["country"] == "SN"
    assert [mention["text"] for mention in found["baobab-labs"]["mentions"]] == [
        "Baobab Labs",
        "BaobabLabs",
        "Fromager SA",
    ]
    assert found["awa-fall-ndoye"]["type"] == "PER"


def test_a_second_import_changes_nothing(own: Path) -> None:
    assert "added Baobab Labs (ORG, baobab-labs)" in run("-", stdin=TABLE)
    before = own.read_bytes()
    assert run("-", stdin=TABLE) == "0 added, 0 updated, 3 unchanged, 0 rejected."
    assert own.read_bytes() == before
    assert "3 unchanged" in run(own)


def test_dry_run_writes_nothing_and_needs_no_file(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("-", "--dry-run", stdin=TABLE).endswith(
        "2 added, 1 updated, 0 unchanged, 0 rejected. Nothing was written."
    )
    assert not own.exists()
    monkeypatch.delenv("TAGGER_NAMES_FILE")
    assert "2 added" in run("-", "--dry-run", stdin=TABLE)
    assert "Set TAGGER_NAMES_FILE" in run("-", stdin=TABLE, code=3)
    assert "2 added" in run("-", "--names", own, stdin=TABLE)
    assert own.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_as_spreadsheets_write_them(own: Path, tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = ("Type", "Name", "Kind"), ("org", "L’Éclaireur numérique", "média")
    table = "".join(delimiter.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)
    (tmp_path / "names.csv").write_bytes(table.encode(encoding))
    assert "added L’Éclaireur numérique (ORG, l-eclaireur-numerique)" in run(tmp_path / "names.csv")
    names = KnownNames(load_known_names(training_data_dir(), own))
    (hit,) = names.find("Selon L'Éclaireur numérique, tout va bien.")
    assert hit.known is not None
    assert hit.known.id == "l-eclaireur-numerique"


def test_what_is_said_adds_up(own: Path) -> None:
    run("-", stdin="type,name,aliases\nORG,Baobab Labs,BaobabLabs\n")
    assert "updated" in run("-", stdin="type,id,name,aliases\nORG,baobab-labs,Baobab,BL+\n")
    (entry,) = load_own(own)
    assert (entry.name, entry.aliases, entry.former_names) == ("Baobab", ("BaobabLabs", "BL+"), ("Baobab Labs",))
    assert own.read_text(encoding="utf-8").splitlines()[0] == ",".join(OWN_COLUMNS)


def test_a_shipped_name_is_known_however_it_is_written(own: Path) -> None:
    assert "updated Sénégal numérique SA (ORG, senum)" in run(
        "-", stdin="type,name,aliases\nORG,SENEGAL NUMERIQUE SA,La SENUM\n"
    )
    assert "updated Sénégal (COUNTRY, SN)" in run(
        "-", stdin="type,name,aliases\nCOUNTRY,Sénégal,pays de la Teranga SN\n"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ORG,,Rival,Sonatel Mobiles,,", "Line 2, Rival: « Sonatel Mobiles » already means « Sonatel Mobiles »"),
        (
            "ORG,,Rival,Maroc,,",
            "« Maroc » already means « Maroc » (COUNTRY, MA) and nothing else; leave it out, or put",
        ),
        ("ORG,le-soleil-bj,Sonatel,,,BJ", "« Sonatel » already means « Sonatel » (ORG, sonatel)"),
        ("ORG,,Sonatel,,,BJ", "« Sonatel » (ORG, sonatel) is of SN, not BJ; give another's id to another"),
        ("PER,,Awa Fall,Fall,,", "put it into ambiguous_aliases"),
        ("ORG,,Rival,,,Sénégal", "write its ISO 3166 code"),
        ("ORG,,Rival,,,ZZ", "'ZZ' is no known country's code; import the country first"),
        ("COUNTRY,,Wakanda,,,", "give its ISO 3166 code as the id"),
        ("Société,,Rival,,,", "write PER, ORG, COUNTRY or LOC"),
        ("ORG,,,Rival,,", "the column name is empty"),
        ("ORG", "the column name is empty"),
        ("ORG,,دكار,,,", "no id can be made from the name"),
    ],
)
def test_a_line_that_cannot_be_taken_is_rejected_with_the_remedy(own: Path, line: str, message: str) -> None:
    shown = rejected(line)
    assert message in shown
    assert "1 rejected." in shown
    assert not own.exists()


def test_the_remedy_for_a_shared_form_works(own: Path) -> None:
    assert "1 added" in run("-", stdin="type,name,ambiguous_aliases,country\nORG,Rival,Sonatel Mobiles,BJ\n")
    names = KnownNames(load_known_names(training_data_dir(), own))
    ids = {code: names.link("Sonatel Mobiles", "ORG", code, {code}) for code in ("SN", "BJ")}
    assert {code: known and known.id for code, known in ids.items()} == {"SN": "sonatel-mobiles", "BJ": "rival"}


def test_lines_of_one_table_are_held_against_each_other(own: Path) -> None:
    table = "type,name,aliases\nORG,Baobab Labs,Le Grand Arbre\nORG,Fromager SA,Le Grand Arbre\n"
    shown = run("-", stdin=table, code=1)
    assert "Line 3, Fromager SA: « Le Grand Arbre » already means « Baobab Labs »" in shown
    assert [entry.id for entry in load_own(own)] == ["baobab-labs"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no column 'type'"),
        ("type,nom\nORG,x\n", "no column 'name', an unknown column 'nom'"),
        ("type,name,name\nORG,x,y\n", "the column 'name' twice"),
        ("type,name\nORG,a,b\n", "Line 2 has 3 cells, the header 2"),
        ('type,name\nORG,"a\n', "Line 2 cannot be read"),
        ("PK\x03\x04", "Office document"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_whole(own: Path, content: str, message: str) -> None:
    assert message in run("-", stdin=content, code=3)
    assert not own.exists()


def test_a_broken_own_file_is_named_with_the_line(own: Path) -> None:
    own.write_text("type,id,name\nORG,a b,Baobab\n", encoding="utf-8")
    shown = run("-", stdin=TABLE, code=3)
    assert "our-names.csv, line 2: the id 'a b' is not written like" in shown


def test_the_command_explains_itself_with_an_example() -> None:
    shown = run("--help")
    assert "tagger import names names.csv --dry-run" in shown
