"""Names found, typed and merged, on short texts whose answer is plain."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from tagger import Annotator, Article
from tagger.article import Entity, EntityType
from tagger.entities.known_names import KnownName, KnownNames
from tagger.entities.names import is_acronym, stands_for
from tagger.entities.pipeline import load_pipeline
from tagger.entities.recogniser import pieces
from tagger.resources import training_data_dir
from tagger.training.corpus import load_corpus


def entities(annotator: Annotator, text: str, title: str = "") -> dict[str, Entity]:
    found = annotator.annotate(Article(title=title, text=text)).entities
    assert len({(entity.name, entity.type) for entity in found}) == len(found), "an entity stands twice"
    return {entity.name: entity for entity in found}


def mentions(entity: Entity) -> list[str]:
    return [mention.text for mention in entity.mentions]


def test_light_pipeline_gives_what_spacy_gives() -> None:
    whole = spacy.load("fr_core_news_md", enable=["tok2vec", "ner"])
    light = load_pipeline()
    hyphens = (
        "Le grand-père d'Amadou, ex-ministre de l'après-guerre, vit à Saint-Germain-en-Laye, pré-2010, aujourd'hui."
    )
    for text in [hyphens, *(brief.text for brief in list(load_corpus(training_data_dir() / "corpus"))[::10])]:
        expected, found = whole(text), light(text)
        assert [token.text for token in found] == [token.text for token in expected]
        assert [(span.text, span.label_) for span in found.ents] == [(e.text, e.label_) for e in expected.ents]


def test_person_is_one_with_title_and_surname(annotator: Annotator) -> None:
    text = (
        "Le chef du gouvernement Aziz Akhannouch a ouvert la réunion à Rabat. M. Akhannouch a salué l'effort. "
        "Le président de l'université, Hicham El Habti, a parlé ensuite. Selon M. El Habti, tout reste à faire."
    )
    found = entities(annotator, text)
    assert mentions(found["Aziz Akhannouch"]) == ["Aziz Akhannouch", "Akhannouch"]
    assert mentions(found["Hicham El Habti"]) == ["Hicham El Habti", "El Habti"]


def test_two_people_of_one_surname_stay_two(annotator: Annotator) -> None:
    text = (
        "Abdoulaye Wade a reçu la presse à Dakar. M. Wade a promis une loi. Son fils Karim Wade était absent. "
        "M. Wade a été nommé hier, a indiqué le palais."
    )
    found = entities(annotator, text)
    assert mentions(found["Abdoulaye Wade"]) == ["Abdoulaye Wade", "Wade"]
    assert mentions(found["Karim Wade"]) == ["Karim Wade", "Wade"]


@pytest.mark.parametrize(
    "text",
    [
        "L'Université Mohammed VI Polytechnique (UM6P) accueille le forum. L'UM6P formera mille ingénieurs.",
        "L'UM6P (Université Mohammed VI Polytechnique) accueille le forum. L'UM6P formera mille ingénieurs.",
    ],
)
def test_acronym_and_long_form_are_one(annotator: Annotator, text: str) -> None:
    entity = entities(annotator, text)["Université Mohammed VI Polytechnique"]
    assert entity.type == "ORG"
    assert sorted(mentions(entity)) == ["UM6P", "UM6P", "Université Mohammed VI Polytechnique"]


def test_unknown_acronym_is_bound_by_its_parentheses(annotator: Annotator) -> None:
    text = "L'Observatoire malien des réseaux (OMR) publie son rapport. Pour l'OMR, le débit progresse à Bamako."
    found = entities(annotator, text)
    owner = next(entity for entity in found.values() if "OMR" in mentions(entity))
    assert mentions(owner).count("OMR") == 2
    assert "Observatoire malien des réseaux" in mentions(owner)


def test_ministries_are_whole(annotator: Annotator) -> None:
    text = (
        "Le ministère de la Communication, des Télécommunications et de l'Économie numérique a tranché. "
        "Le ministère de la Transition numérique et de la Réforme de l'administration aussi."
    )
    found = {form for entity in entities(annotator, text).values() for form in mentions(entity)}
    assert "ministère de la Communication, des Télécommunications et de l'Économie numérique" in found
    assert "ministère de la Transition numérique et de la Réforme de l'administration" in found


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("Le Maroc investit.", "Maroc", "MA"),
        ("La Guinée-Bissau investit.", "Guinée-Bissau", "GW"),
        ("La Guinée équatoriale investit.", "Guinée équatoriale", "GQ"),
        ("La Guinée investit.", "Guinée", "GN"),
        ("Le Niger investit.", "Niger", "NE"),
        ("Le Nigeria investit.", "Nigeria", "NG"),
        ("La Côte d’Ivoire investit.", "Côte d'Ivoire", "CI"),
        ("La RDC investit.", "République démocratique du Congo", "CD"),
        ("LE SENEGAL INVESTIT.", "Sénégal", "SN"),
    ],
)
def test_countries_have_their_code(annotator: Annotator, text: str, name: str, code: str) -> None:
    entity = entities(annotator, text + " La fibre avance, dit-on.")[name]
    assert (entity.type, entity.country, entity.known) == ("COUNTRY", code, True)


def test_what_is_no_name_is_no_entity(annotator: Annotator) -> None:
    text = (
        "Le Royaume veut son intelligence artificielle. L'État paiera la R&D, la TVA et l'ADSL. "
        "Lire la suite demande un compte, disent les Sénégalais."
    )
    assert set(entities(annotator, text)) == set()


def test_inserts_give_no_entity(annotator: Annotator) -> None:
    text = "Le Mali relie Gao à la fibre.\nLire aussi | Oracle s'installe à Casablanca\nLes travaux dureront un an."
    found = entities(annotator, text)
    assert "Mali" in found
    assert not {"Oracle", "Casablanca", "Lire"} & set(found)


def test_mentions_are_exact_in_title_and_text(annotator: Annotator) -> None:
    title, text = (
        "Dakar accueille l’ICANN",
        "L’ICANN tiendra à Dakar sa réunion. e\u0301galement attendu : Cheikh Bakhoum.",
    )
    for entity in annotator.annotate(Article(title=title, text=text)).entities:
        for mention in entity.mentions:
            assert (title if mention.field == "title" else text)[mention.start : mention.end] == mention.text


def test_ambiguous_name_is_linked_by_its_country_or_not_at_all() -> None:
    def known(id: str, country: str) -> KnownName:
        return KnownName(id, f"Commission de {country}", "ORG", country, (f"Commission de {country}",), ("CDP",))

    names = KnownNames([known("cdp-sn", "SN"), known("cdp-ma", "MA")])
    (hit,) = names.find("La CDP a tranché.")
    assert (hit.type, hit.known) == ("ORG", None)
    found = names.link("CDP", "ORG", "SN", {"SN", "MA", "BJ"})
    assert found is not None
    assert found.id == "cdp-sn"
    assert names.link("CDP", "ORG", None, {"SN", "MA", "BJ"}) is None
    assert names.link("CDP", "ORG", "BJ", {"SN", "MA", "BJ"}) is None
    assert names.link("CDP", "PER", "SN", {"SN", "MA", "BJ"}) is None


def test_agency_of_one_country_is_not_taken_for_anothers(annotator: Annotator) -> None:
    text = (
        "L'Agence nationale de la sécurité des systèmes d'information (ANSSI) de la Côte d'Ivoire forme ses agents "
        "à Abidjan. La Côte d'Ivoire en attend mille. Le Bénin enverra des stagiaires à l'ANSSI."
    )
    agencies = [entity for entity in entities(annotator, text).values() if "ANSSI" in mentions(entity)]
    assert [entity.country for entity in agencies] in ([None], ["CI"])


def test_acronyms() -> None:
    assert is_acronym("UM6P")
    assert is_acronym("I.C.A.N.N.")
    assert not is_acronym("Dakar")
    assert stands_for("ARTP", "Autorité de régulation des télécommunications et des postes")
    assert not stands_for("CDP", "Orange Mali")


def test_operators_whose_names_are_words_are_found(annotator: Annotator) -> None:
    text = (
        "Orange, Free et Expresso ont été mis en demeure par l'ARTP à Dakar. Au Sénégal, Wave n'est pas concerné. "
        "L'orange se vend bien au marché de Thiès, et l'appel reste libre. Free répond que tout va bien."
    )
    found = {
        form for entity in entities(annotator, text).values() if entity.type == "ORG" for form in mentions(entity)
    }
    assert {"Orange", "Free", "Expresso", "ARTP", "Wave"} <= found


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Togocom devient Yas. Au Togo, Yas compte deux millions de clients, et le Togo s'en réjouit.", "Yas"),
        ("Tigo était le deuxième opérateur du Tchad. Le Tchad a retiré sa licence à Tigo.", "Tigo"),
        ("Au Burkina Faso, le CDP de Blaise Compaoré tient congrès à Ouagadougou.", "CDP"),
        ("Dans l'est de la RDC, le CNDP a repris les armes près de Goma.", "CNDP"),
    ],
)
def test_no_link_to_another_country(annotator: Annotator, text: str, form: str) -> None:
    owners = [entity for entity in entities(annotator, text).values() if form in mentions(entity)]
    assert all(entity.country not in ("SN", "MA") for entity in owners)


def test_archive_keeps_the_name_of_its_time(annotator: Annotator) -> None:
    found = entities(annotator, "La Sonatel répond à Sentel. Sentel, à Dakar, conteste le tarif au Sénégal.")
    assert found["Sentel"].id == "yas-sn"
    assert not {"Yas", "Yas Sénégal"} & set(found)


def test_former_acronym_stays_what_the_archive_says(annotator: Annotator) -> None:
    found = entities(annotator, "À Dakar, l'ADIE relie les ministères. L'ADIE du Sénégal en attend des économies.")
    assert found["ADIE"].id == "senum"


def test_first_name_alone_is_the_person(annotator: Annotator) -> None:
    text = (
        "Angelina Vunge dirige l'atelier de Luanda. Pour Angelina, tout commence à l'école. Vunge y enseigne encore."
    )
    assert mentions(entities(annotator, text)["Angelina Vunge"]) == ["Angelina Vunge", "Angelina", "Vunge"]


def test_long_texts_take_time_in_proportion(annotator: Annotator) -> None:
    sentence = "Orange Mali a lancé la 5G à Bamako, selon le ministre Alhamdou Ag Ilyène, de l'A et de l'Economie. "

    def seconds(times: int) -> float:
        article = Article(title="", text=sentence * times)
        start = time.process_time()
        annotator.annotate(article)
        return time.process_time() - start

    seconds(50)
    assert seconds(1200) < 10 * seconds(200)


def test_invalid_longer_form_hides_no_name(annotator: Annotator) -> None:
    found = entities(annotator, "Le Cap-Vert et le Sénégal ont signé un accord. Le Cap-Vert compte sur la fibre.")
    assert (found["Cap-Vert"].type, found["Cap-Vert"].country) == ("COUNTRY", "CV")


def test_acronym_of_a_country_that_is_not_named_is_not_linked(annotator: Annotator) -> None:
    text = "Le Cameroun et le Tchad ont signé un accord. Les opérateurs attendent. L'ARTP a réagi."
    owners = [entity for entity in entities(annotator, text).values() if "ARTP" in mentions(entity)]
    assert [entity.country for entity in owners] == [None]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Le Mauritanien Sidi Ould Tah a prêté serment à Abidjan devant les gouverneurs.", "Sidi Ould Tah"),
        ("La Sénégalaise Aminata Touré dirige la mission depuis lundi.", "Aminata Touré"),
    ],
)
def test_demonym_before_a_person_is_no_part_of_the_name(annotator: Annotator, text: str, name: str) -> None:
    assert entities(annotator, text)[name].type == "PER"


@pytest.mark.parametrize(
    ("title", "country", "no_name"),
    [
        ("Sénégal/Télécoms : l'ARTP sanctionne", "Sénégal", "Sénégal/Télécoms"),
        ("Côte d'Ivoire/ Téléphonie : l'Artci sévit", "Côte d'Ivoire", "Côte d'Ivoire/ Téléphonie"),
        ("Mali-Internet : coupure à Kidal", "Mali", "Mali-Internet"),
        ("SENEGAL-MALI-COOPERATION", "Mali", "SENEGAL-MALI-COOPERATION"),
    ],
)
def test_rubric_of_a_title_is_its_country(annotator: Annotator, title: str, country: str, no_name: str) -> None:
    found = entities(annotator, "Le ministre a parlé.", title)
    assert found[country].type == "COUNTRY"
    assert no_name not in found


@pytest.mark.parametrize(
    ("text", "name", "type"),
    [
        ("Le Président Directeur Général de Wari, Kabirou Mbodje, a parlé à Dakar.", "Wari", "ORG"),
        ("Vendredi Sonatel a publié ses comptes à Dakar.", "Sonatel", "ORG"),
        ("Hier Djamo a levé des fonds à Abidjan.", "Djamo", "ORG"),
        ("Le dirigeant Kim Jong-un a répondu. Kim Jong-un est reparti.", "Kim Jong-un", "PER"),
        ("Les Emirats Arabes Unis investissent à Dakar.", "Émirats arabes unis", "COUNTRY"),
        ("Le ministre a reçu le PDG. La ministre du Digital Aminata Zerbo a signé.", "Aminata Zerbo", "PER"),
    ],
)
def test_the_bare_name_is_found(annotator: Annotator, text: str, name: str, type: EntityType) -> None:
    assert entities(annotator, text)[name].type == type


def test_offices_alone_are_no_entities(annotator: Annotator) -> None:
    text = (
        "Le Président de la République, Bassirou Diomaye Faye, a reçu le Garde des Sceaux, le Premier Ministre et le "
        "Directeur Général de l'ARTP. Le Ministre d'Etat et le PCA étaient là, dans cette Ve République."
    )
    assert {entity.type: entity.id for entity in entities(annotator, text).values()} == {
        "PER": "bassirou-diomaye-faye",
        "ORG": "artp-sn",
    }


def test_renamed_company_with_ex_is_one(annotator: Annotator) -> None:
    found = entities(annotator, "Au Niger, Zamani Telecom (ex-Orange Niger) est sanctionné par l'Etat.")
    assert mentions(found["Zamani Telecom"]) == ["Zamani Telecom", "Orange Niger"]


def test_congolese_is_of_the_congo_that_is_named(annotator: Annotator) -> None:
    text = "En RDC, le gouvernement congolais a lancé une taxe. Les abonnés congolais protestent à Kinshasa."
    assert [share.country for share in annotator.annotate(Article(title="", text=text)).countries] == ["CD"]


@given(st.text(alphabet="ab \n", max_size=200), st.integers(1, 40))
def test_pieces_are_the_text(text: str, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tagger.entities.recogniser._MOST_CHARS", most)
        starts = [*pieces(text), len(text)]
    parts = [text[start:end] for start, end in pairwise(starts)]
    assert "".join(parts) == text
    for part, following in pairwise(parts):
        assert 0 < len(part) <= most
        assert following
        assert part.endswith("\n") or "\n" not in part
        assert part.endswith(("\n", " ")) or " " not in part


def test_a_book_has_its_names_where_they_stand(annotator: Annotator) -> None:
    chapter = "Le ministre Alioune Sall a inauguré mardi à Diamniadio un centre de formation. " * 90 + "\n"
    sall = entities(annotator, chapter * 4)["Alioune Sall"]
    assert set(mentions(sall)) == {"Alioune Sall"}
    assert len(sall.mentions) == 360
