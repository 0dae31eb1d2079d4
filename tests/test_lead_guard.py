"""The guard: what a lead says must be in its article."""

from __future__ import annotations

import json

import pytest

from tagger.entities.known_name_files import load_known_names
from tagger.entities.known_names import KnownNames
from tagger.leads.guard import Fault, Source, keep_faithful
from tagger.leads.numbers import numbers_of
from tagger.resources import training_data_dir
from tagger.training.guard_pairs import GuardScores, measure_guard


@pytest.fixture(scope="module")
def names() -> KnownNames:
    return KnownNames(load_known_names(training_data_dir()))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 000 emplois", 2000),
        ("2.000 emplois", 2000),
        ("deux mille emplois", 2000),
        ("2,5 millions de clients", 2_500_000),
        ("quatre-vingt-dix-sept mille deux cents abonnés", 97_200),
        ("vingt et un pays", 21),
        ("soixante-dix-huit mots", 78),
        ("trois milliards de francs", 3_000_000_000),
        ("55,35 % du marché", 55.35),
    ],
)
def test_numbers_in_every_form(text: str, value: float) -> None:
    (number,) = numbers_of(text)
    assert value in number.values


def test_an_article_is_no_number() -> None:
    assert numbers_of("un opérateur et une licence, dix pour cent")[0].values == {10.0}


SOURCE = (
    "L'Autorité de régulation (ARTP), que dirige Dahirou Thiam, a infligé mardi 2 juillet 2025 une amende de "
    "2,5 millions de francs CFA à Expresso. « Nous ne paierons pas », a dit Awa Diop. Sonatel n'a pas réagi."
)


@pytest.mark.parametrize(
    ("lead", "kinds"),
    [
        ("L'ARTP inflige 2 500 000 francs CFA d'amende à Expresso.", []),
        ("Le 2 juillet, l'ARTP a infligé une amende à Expresso : « Nous ne paierons pas », dit Mme Diop.", []),
        ("L'ARTP inflige 2,5 millions d'euros d'amende à Expresso.", ["number"]),
        ("L'ARTP inflige 25 millions de francs CFA d'amende à Expresso.", ["number"]),
        ("L'ARTP inflige une amende à Wave.", ["name"]),
        ("Dahirou Diop inflige une amende à Expresso.", ["name"]),
        ("L'ARTP a infligé mercredi une amende à Expresso.", ["date"]),
        ("L'ARTP a infligé le 3 juillet une amende à Expresso.", ["date"]),
        ("Expresso répond : « Nous irons en appel ».", ["quotation"]),
        ("Sonatel a réagi, Expresso non.", ["negation"]),
        ("L'ARTP n'a pas infligé d'amende à Expresso.", ["negation"]),
    ],
)
def test_kinds_of_faults(lead: str, kinds: list[str], names: KnownNames) -> None:
    assert [fault.kind for fault in Source("", SOURCE, known_names=names).faults(lead)] == kinds


def test_a_faulty_sentence_is_left_out(names: KnownNames) -> None:
    source = Source("", SOURCE, known_names=names)
    good = "L'ARTP a infligé une amende de 2,5 millions de francs CFA à Expresso."
    kept, faults = keep_faithful(f"{good} La société Wave paiera douze milliards à son tour.", source)
    assert kept == good
    assert Fault("name", "Wave") in faults
    assert keep_faithful("Wave paiera douze milliards de francs CFA cette année à Dakar.", source)[0] == ""


@pytest.fixture(scope="module")
def measured(names: KnownNames) -> list[GuardScores]:
    return [measure_guard(training_data_dir(), names, split) for split in ("building", "held-out")]


def test_catches_wrong_names_and_numbers_in_both_parts(measured: list[GuardScores]) -> None:
    for part in measured:
        wrong = [part.caught[kind] for kind in ("name", "number")]
        assert sum(found for found, _ in wrong) >= 0.95 * sum(total for _, total in wrong)


def test_seldom_flags_a_faithful_lead(measured: list[GuardScores]) -> None:
    flagged, faithful = map(sum, zip(*(part.false_alarms for part in measured), strict=True))
    assert flagged <= 0.05 * faithful


def test_pairs_are_many_and_refer_to_briefs() -> None:
    folder = training_data_dir()
    pairs = [
        json.loads(line) for line in (folder / "guard/lead-pairs.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert len(pairs) >= 160
    assert len({pair["id"] for pair in pairs}) == len(pairs)
    assert all(set(pair) == {"id", "brief", "lead", "error", "split"} for pair in pairs)
