"""The vocabulary in its file, and the changes that editors make to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.errors import ModelError, UnknownKeywordError, VocabularyError
from tagger.keywords import editing
from tagger.keywords.vocabulary import (
    VOCABULARY_FILE,
    Keyword,
    Vocabulary,
    load_vocabulary,
    save_vocabulary,
    slug,
)
from tagger.resources import training_data_dir
from tests.vocabularies import NAMES, vocabularies

SHIPPED = training_data_dir()


def keyword(name: str, **fields: object) -> Keyword:
    return Keyword.model_validate({"id": slug(name), "name": name, "group": "", "definition": ""} | fields)


@pytest.fixture
def operators() -> Vocabulary:
    """Three operators, the oldest of which was merged into the next, and a keyword that nothing replaced."""
    return Vocabulary(
        (
            keyword("Hello", status="retired", replaced_by="tigo", former_names=["Sentel GSM"]),
            keyword("Tigo", status="retired", replaced_by="yas"),
            keyword("Yas", former_names=["Free Sénégal"], synonyms=["Axian"]),
            keyword("SMSI", status="retired"),
        )
    )


def write(folder: Path, *lines: str) -> Path:
    (folder / VOCABULARY_FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def line(name: str, **fields: object) -> str:
    return json.dumps({"id": slug(name), "name": name, "group": "", "definition": ""} | fields)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Yas", "yas"),
        ("free senegal", "yas"),
        ("Tigo", "yas"),
        ("Hello", "yas"),
        ("sentel GSM", "yas"),
        ("SMSI", "smsi"),
        ("Fax", None),
    ],
)
def test_old_names_lead_to_the_keyword_of_today(operators: Vocabulary, name: str, id: str | None) -> None:
    found = operators.resolve(name)
    assert (found.id if found else None) == id


def test_only_active_keywords_are_active(operators: Vocabulary) -> None:
    assert [keyword.id for keyword in operators.active] == ["yas"]
    assert len(operators) == len(list(operators)) == 4


def test_a_present_name_counts_before_a_former_one() -> None:
    vocabulary = Vocabulary((keyword("Télécopie", former_names=["Fax"]), keyword("Fax")))
    found = vocabulary.resolve("fax")
    assert found is vocabulary.keywords[1]


def test_a_circle_of_replacements_ends() -> None:
    circle = Vocabulary(
        (keyword("A", status="retired", replaced_by="b"), keyword("B", status="retired", replaced_by="a"))
    )
    assert circle.resolve("A") is circle.keywords[0]


def test_renaming_keeps_the_id_and_remembers(operators: Vocabulary) -> None:
    renamed = editing.rename(operators, "yas", "Yas Sénégal")
    assert renamed.by_id["yas"].name == "Yas Sénégal"
    assert renamed.by_id["yas"].former_names == ("Free Sénégal", "Yas")
    assert renamed.resolve("Yas") is renamed.resolve("Tigo") is renamed.named("Yas Sénégal")
    back = editing.rename(renamed, "Yas Sénégal", "Yas")
    assert back.by_id["yas"].former_names == ("Free Sénégal", "Yas Sénégal")


def test_a_typographic_correction_leaves_no_former_name(operators: Vocabulary) -> None:
    assert editing.rename(operators, "SMSI", "S.M.S.I.").by_id["smsi"].former_names == ("SMSI",)
    assert editing.rename(operators, "Yas", "YAS").by_id["yas"].former_names == ("Free Sénégal",)


def test_merging_retires_and_hands_over_the_words() -> None:
    vocabulary = Vocabulary(
        (keyword("Médias", synonyms=["presse", "radio"]), keyword("Audiovisuel", synonyms=["Radio"]))
    )
    merged = editing.merge(vocabulary, "Médias", "Audiovisuel")
    source, target = merged
    assert (source.status, source.replaced_by, source.synonyms) == ("retired", "audiovisuel", ("presse", "radio"))
    assert target.synonyms == ("Radio", "Médias", "presse")
    assert merged.resolve("Médias") is target


def test_a_retired_keyword_may_be_merged_later(operators: Vocabulary) -> None:
    merged = editing.merge(operators, "SMSI", "Yas")
    assert merged.resolve("SMSI") is merged.by_id["yas"]


def test_adding_makes_an_id_and_keeps_the_spelling_of_the_group() -> None:
    vocabulary = Vocabulary((keyword("Yas", group="Opérateurs"),))
    added = editing.add(
        vocabulary, " Équipe d’Orange ", definition="Son équipe.", group="operateurs", synonyms=["Sonatel"]
    )
    assert added.keywords[-1] == keyword(
        "Équipe d’Orange", id="equipe-d-orange", definition="Son équipe.", group="Opérateurs", synonyms=["Sonatel"]
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: editing.add(v, "YAS", definition=""), "There is a keyword « Yas » already"),
        (lambda v: editing.add(v, "smsi", definition=""), "already, which is retired"),
        (lambda v: editing.add(v, "Free Senegal", definition=""), "former name of « Yas »"),
        (lambda v: editing.add(v, "Y@s", id="yas", definition=""), "belongs to « Yas »"),
        (lambda v: editing.add(v, "Y@s", id="Y@s", definition=""), "id: "),
        (lambda v: editing.add(v, "ياس", definition=""), "No id can be made"),
        (lambda v: editing.add(v, "a\tb", definition=""), "a tab, a line break"),
        (lambda v: editing.add(v, "a\nb", definition=""), "a tab, a line break"),
        (lambda v: editing.add(v, "Drones", definition="a\u2028b"), "definition: "),
        (lambda v: editing.add(v, "Drones", definition="", synonyms=[" "]), "synonyms: "),
        (lambda v: editing.add(v, "…", id="x", definition=""), "neither a letter nor a digit"),
        (lambda v: editing.rename(v, "Yas", "Tigo"), "There is a keyword « Tigo » already"),
        (lambda v: editing.rename(v, "Yas", "Sentel GSM"), "former name of « Hello »"),
        (lambda v: editing.rename(v, "Free Sénégal", "Free"), "called « Yas » now"),
        (lambda v: editing.rename(v, "Yass", "Free"), "Did you mean « Yas »"),
        (lambda v: editing.retire(v, "Axian"), "Did you mean « Yas »"),
        (lambda v: editing.retire(v, "Quantique"), "lists all"),
        (lambda v: editing.retire(v, "SMSI"), "retired already"),
        (lambda v: editing.merge(v, "Yas", "yas"), "into itself"),
        (lambda v: editing.merge(v, "Yas", "SMSI"), "retired; nothing"),
        (lambda v: editing.merge(v, "Tigo", "Yas"), "already merged into « Yas »"),
    ],
)
def test_refused_changes_say_why(operators: Vocabulary, change: object, message: str) -> None:
    with pytest.raises((VocabularyError, UnknownKeywordError)) as refused:
        change(operators)  # type: ignore[operator]
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([line("Yas"), line("Yas 2", id="yas")], r"Line 2 .* the id 'yas'"),
        ([line("Economie"), line("Économie", id="e")], r"Line 2 .* already the name of the keyword 'economie'"),
        ([line("Yas", status="retired", replaced_by="tigo")], r"Line 1 .* 'tigo', which is no keyword's id"),
        ([line("Yas", replaced_by="yas")], "Line 1 .* is not a keyword"),
        ([line("Yas", status="retired", replaced_by="yas")], "Line 1 .* in a circle"),
        ([line("Yas"), line("a\tb", id="a")], "Line 2 .* is not a keyword"),
        ([line("Yas"), ""], "Line 2 .* is not a keyword"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_by_line(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(ModelError, match=message.replace(" .* ", r"[\s\S]*")):
        load_vocabulary(write(tmp_path, *lines))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / VOCABULARY_FILE).write_bytes(line("x").encode() + b"\xe9\n")
    with pytest.raises(ModelError, match="not UTF-8"):
        load_vocabulary(tmp_path)


def test_the_lines_of_unchanged_keywords_stay_as_they_are(tmp_path: Path) -> None:
    shipped = (SHIPPED / VOCABULARY_FILE).read_bytes().splitlines()
    vocabulary = load_vocabulary(SHIPPED)
    save_vocabulary(vocabulary, tmp_path)  # into an empty folder: nothing to copy the lines from
    assert (tmp_path / VOCABULARY_FILE).read_bytes().splitlines() == shipped
    save_vocabulary(editing.retire(vocabulary, "SMSI"), tmp_path)
    saved = (tmp_path / VOCABULARY_FILE).read_bytes().splitlines()
    assert [old for old, new in zip(shipped, saved, strict=True) if old != new] == [
        old for old in shipped if b'"id": "smsi"' in old
    ]


def test_a_line_written_by_hand_stays_as_it_is(tmp_path: Path) -> None:
    by_hand = '{"name":"Yas" , "id":"yas", "definition":"", "group":"", "status":"active"}'
    vocabulary = load_vocabulary(write(tmp_path, by_hand))
    save_vocabulary(editing.add(vocabulary, "Drones", definition=""), tmp_path)
    assert (tmp_path / VOCABULARY_FILE).read_text(encoding="utf-8").splitlines()[0] == by_hand


def test_a_failed_save_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, line("Yas"))
    before = (tmp_path / VOCABULARY_FILE).read_bytes()
    broken = Vocabulary((keyword("Yas"), keyword("A").model_copy(update={"name": "\ud800"})))
    with pytest.raises(UnicodeEncodeError):
        save_vocabulary(broken, tmp_path)
    assert (tmp_path / VOCABULARY_FILE).read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / VOCABULARY_FILE]


@settings(max_examples=60, deadline=None)
@given(vocabularies())
def test_any_vocabulary_comes_back_from_its_file(
    tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary
) -> None:
    folder = tmp_path_factory.mktemp("data")
    save_vocabulary(vocabulary, folder)
    assert load_vocabulary(folder) == vocabulary


@settings(max_examples=60, deadline=None)
@given(vocabularies(min_size=2), NAMES, st.data())
def test_no_change_loses_a_name(vocabulary: Vocabulary, name: str, data: st.DataObject) -> None:
    names = [keyword.name for keyword in vocabulary]
    one, other = data.draw(st.permutations(names))[:2]
    changes = (
        lambda: editing.rename(vocabulary, one, name),
        lambda: editing.merge(vocabulary, one, other),
        lambda: editing.retire(vocabulary, one),
        lambda: editing.add(vocabulary, name, id="new", definition=""),
    )
    try:
        after = editing.check_whole(data.draw(st.sampled_from(changes))())
    except VocabularyError:
        return
    for old in names:
        found = after.resolve(old)
        assert found is not None
        assert found.status == "active" or found.replaced_by is None
