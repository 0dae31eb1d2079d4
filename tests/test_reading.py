"""Files and pages as they come, read as a person would read them."""

from __future__ import annotations

import codecs
import contextlib
import datetime as dt
import io
import json
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.article import Article
from tagger.errors import BinaryDataError, InvalidEncodingError, InvalidRecordError
from tagger.reading import BadRecord, Format, Record, article_of, read_bytes, read_records
from tagger.reading.dates import find_date
from tagger.reading.feeds import read_feed
from tagger.reading.formats import format_of_content
from tagger.reading.press_lines import (
    furniture_spans,
    is_byline,
    is_caption,
    is_insert,
    publication_line,
    read_dateline,
    source_line,
)
from tagger.text.typography import normalise


def read(path: Path) -> Article:
    return read_bytes(path.read_bytes(), Format.HTML if path.suffix == ".html" else Format.TEXT)


@pytest.mark.parametrize("name", ["osiris_page.txt", "osiris_page.html"])
def test_osiris_page(data: Path, name: str) -> None:
    article = read(data / name)
    assert article.title == "Kaolack : un centre d’appels recrute deux cents téléconseillers"
    assert article.date == dt.date(2024, 3, 14)
    assert article.source == "Le Fil des Télécoms"
    assert article.keywords == ["Téléservices"]
    assert article.text.startswith("La société Atlas Relation Client ouvrira en mai")
    assert "Mme Salma Bennani" in article.text
    for outside in ("OSIRIS", "Accueil", "NIGER", "4880", "Lire aussi", "Source", "publicité", "Chiffres"):
        assert outside not in article.text


def test_osiris_chapo_is_kept_apart(data: Path) -> None:
    article = read(data / "osiris_page.txt")
    assert article.chapo is not None
    assert article.chapo.startswith("Une entreprise marocaine")
    assert "Une entreprise marocaine" not in article.text


def test_aggregator_page(data: Path) -> None:
    article = read(data / "aggregator_page.txt")
    assert article.title == "Le Bénin confie ses archives foncières à une jeune pousse"
    assert (article.source, article.date) == ("La Lettre du Golfe", dt.date(2021, 11, 3))
    assert len(article.text.split("\n\n")) == 3
    for outside in ("Bourse", "cement", "signalé", "Lire aussi", "Crédit", "Cliquez"):
        assert outside not in article.text


def test_web_page(examples: Path) -> None:
    article = read(examples / "page.html")
    assert article.title == "Cybersécurité : la Côte d’Ivoire forme mille agents publics"
    assert (article.source, article.date) == ("Le Courrier du Numérique", dt.date(2025, 3, 18))
    assert article.text.startswith("Mille agents")
    assert article.text.endswith("licence libre.")
    for outside in ("Lire aussi", "Awa Koné", "Football", "Suivez"):
        assert outside not in article.text


def test_plain_text(examples: Path) -> None:
    article = read(examples / "article.txt")
    assert article.title.startswith("Fibre optique : Sonatel")
    assert (article.source, article.date) == ("Agence de presse des exemples", dt.date(2025, 6, 12))
    assert len(article.text.split("\n\n")) == 3


def test_text_of_one_paragraph_has_no_title() -> None:
    article = read_bytes("Orange Mali étend sa couverture à Gao.".encode(), Format.TEXT)
    assert (article.title, article.text) == ("", "Orange Mali étend sa couverture à Gao.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16", "utf-32"])
def test_encodings_change_nothing(examples: Path, encoding: str) -> None:
    text = (examples / "article.txt").read_text(encoding="utf-8")
    assert read_bytes(text.encode(encoding), Format.TEXT) == read(examples / "article.txt")


def test_page_that_declares_its_encoding() -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body><article><h1>L\x92été</h1><p>{}</p></article></body>'
    body = "L\x92Etat a payé. Le ministre l\x92a confirmé jeudi à la presse, après le conseil. " * 4
    article = read_bytes(page.format(body).encode("latin-1"), Format.HTML)
    assert "L’Etat a payé" in article.text


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 ...", b"PK\x03\x04rest", b"\x89PNG\r\n\x1a\n", b"text\x00with nul", bytes(range(32)) * 4]
)
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(BinaryDataError):
        read_bytes(data, Format.TEXT)


def test_declared_encoding_is_held_to() -> None:
    with pytest.raises(InvalidEncodingError, match="utf-8"):
        read_bytes("déjà".encode("latin-1"), Format.TEXT, charset="utf-8")
    with pytest.raises(InvalidEncodingError, match="unknown"):
        read_bytes(b"x", Format.TEXT, charset="klingon-8")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_clearly(data: bytes) -> None:
    for format in (Format.TEXT, Format.HTML):
        with contextlib.suppress(BinaryDataError, InvalidEncodingError):
            read_bytes(data, format)


@given(st.text(alphabet="<>/pdivah1 é\n\"'=&;!-", max_size=200))
def test_any_markup_is_read(markup: str) -> None:
    read_bytes(markup.encode(), Format.HTML)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("mercredi 2 juillet 2025", dt.date(2025, 7, 2)),
        ("le 1er août 2003", dt.date(2003, 8, 1)),
        ("01 - 07 - 2025", dt.date(2025, 7, 1)),
        ("3/11/2021", dt.date(2021, 11, 3)),
        ("2025-07-02T08:00:00Z", dt.date(2025, 7, 2)),
        ("12 févr. 2010", dt.date(2010, 2, 12)),
        ("31 février 2010", None),
        ("en juillet", None),
    ],
)
def test_dates(written: str, expected: dt.date | None) -> None:
    assert find_date(written) == expected


def test_press_lines() -> None:
    for line in (
        "Lire aussi | Un titre",
        "A lire aussi : x",
        "Cliquez ici pour lire l’article",
        "Partager sur Facebook",
    ):
        assert is_insert(line), line
    for line in ("Lire et écrire restent un luxe.", "Le partage de la fibre avance.", "Annonce faite, il partit."):
        assert not is_insert(line), line
    assert is_caption("Crédit photo : APS")
    assert is_byline("Par Awa Diop")
    assert not is_byline("Par ailleurs, le prix baisse.")
    found = source_line("(Source : APAnews, 2 juillet 2025)")
    assert found is not None
    assert (found.source, found.date) == ("APAnews", dt.date(2025, 7, 2))
    assert publication_line("Publié dans Challenge le 01 - 07 - 2025") is not None
    assert publication_line("Publié par la Banque mondiale, le rapport dit le contraire.") is None


RECORD = {"id": 7, "title": "T", "text": "Un texte.\nInchangé  ’ ici", "date": "2025-07-02", "autre": 1}


def test_records_of_all_kinds_say_the_same(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    json_lines = json.dumps(RECORD).encode() + b"\n\n"
    csv = 'id,title,text,date,keywords\n7,T,"Un texte.\nInchangé  ’ ici",2025-07-02,Fintech | Genre\n'.encode()
    table = pyarrow.Table.from_pylist([RECORD])
    parquet.write_table(table, tmp_path / "x.parquet")
    found = {
        Format.JSONL: next(read_records(io.BytesIO(json_lines), Format.JSONL)),
        Format.JSON: next(read_records(io.BytesIO(json.dumps([RECORD], indent=1).encode()), Format.JSON)),
        Format.CSV: next(read_records(io.BytesIO(csv), Format.CSV)),
        Format.PARQUET: next(read_records((tmp_path / "x.parquet").open("rb"), Format.PARQUET)),
    }
    for format, record in found.items():
        assert isinstance(record, Record), (format, record)
        assert (record.id, record.title, record.text) == ("7", "T", RECORD["text"]), format
        assert record.date == dt.date(2025, 7, 2)
    assert found[Format.CSV].keywords == ["Fintech", "Genre"]


def test_text_of_a_record_is_left_unchanged() -> None:
    text = "Lire aussi | rien\n\n  L’été\u00a0: e\u0301té \t fin "
    assert article_of(Record(title="T", text=text)).text == text


def test_html_in_a_record_is_read(examples: Path) -> None:
    html = (examples / "page.html").read_text(encoding="utf-8")
    article = article_of(Record(id="1", html=html, title="Titre du CMS", url="https://example.org/a"))
    assert article.title == "Titre du CMS"
    assert article.url == "https://example.org/a"
    assert article.text.startswith("Mille agents")


def test_bad_lines_do_not_stop_the_good_ones() -> None:
    lines = (
        b'{"id":"a","text":"x"}\nnot json\n[1]\n{"id":"b"}\n'
        b'{"id":"c","text":"z","date":"hier"}\n\xff\n{"id":"d","text":"y"}'
    )
    records = list(read_records(io.BytesIO(lines), Format.JSONL))
    assert [record.id for record in records] == ["a", None, None, "b", "c", None, "d"]
    errors = [record.error.code for record in records if isinstance(record, BadRecord)]
    assert errors == ["broken-json", "invalid-record", "invalid-record", "invalid-record", "invalid-encoding"]
    explained = next(record for record in records if record.id == "c")
    assert isinstance(explained, BadRecord)
    assert isinstance(explained.error, InvalidRecordError)
    assert "date" in str(explained.error)


@given(st.binary(max_size=80))
def test_any_line_gives_a_record_or_a_reason(line: bytes) -> None:
    for record in read_records(io.BytesIO(line), Format.JSONL):
        assert isinstance(record, Record | BadRecord)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b'{"id": 1}\n{"id": 2}', Format.JSONL),
        (b'{\n "id": 1}', Format.JSON),
        (b'[{"id": 1}]', Format.JSON),
        (b"\xef\xbb\xbf<!DOCTYPE html>", Format.HTML),
        (b"  <html>", Format.HTML),
        (b"PAR1xx", Format.PARQUET),
        ("Été".encode(), Format.TEXT),
    ],
)
def test_format_of_unnamed_input(start: bytes, expected: Format) -> None:
    assert format_of_content(start) == expected


KEPT = [
    "Vidéo à la demande : Canal+ lance une offre à Dakar, a annoncé la chaîne.",
    "Crédit mobile : les abonnés de Tigo pourront emprunter dès lundi.",
    "Voir plus loin, c'est l'ambition du ministre.",
    "Partager les pylônes, une nécessité",
    "Copyright ou droit d'auteur : le Sénégal a choisi.",
    "Enregistrer les puces avant le 31 mai",
    "Cliquez sur un lien inconnu et votre compte est vidé : la CDP met en garde.",
    "S'abonner à Canal+ coûtera moins cher au Mali",
    "Réagir vite, c'est la consigne",
    "Photo et vidéo : Instagram change ses règles au Sénégal",
    "Avec eux, tout change.",
]


@pytest.mark.parametrize("line", KEPT)
def test_sentences_that_begin_like_a_button_are_kept(line: str) -> None:
    text = f"Un titre sans point\n\n{line}\n\nLa fibre arrive à Thiès, a dit le ministre."
    assert line in read_bytes(text.encode(), Format.TEXT).text


def test_short_last_paragraph_and_tables_are_kept() -> None:
    text = (
        "Titre\nPublié le 3 mars 2024\nLe service ouvre lundi à Dakar.\nSénégal\t5000\t6000\t7000\nIl sera gratuit."
    )
    article = read_bytes(text.encode(), Format.TEXT)
    assert article.date == dt.date(2024, 3, 3)
    assert article.text.endswith("Il sera gratuit.")
    assert "5000" in article.text


PORTAL = """Accueil
Actualités
Politique
Économie
Sport
Vidéos
Contact
Flash Info : Lamb : le combat reporté • Météo : pluie à Kolda
La fibre optique atteint enfin la ville de Kolda
Par : Moussa Diatta - SenePresse | 14 octobre, 2024 à 11:10:23 | Lu 3452 Fois
Photo d'illustration : DR
La ville de Kolda est reliée depuis lundi au réseau national de fibre optique, a annoncé la Sonatel.
Le raccordement met fin à trois ans d'attente pour les entreprises de la région, sur le satellite jusque-là.
Les écoles suivront.
Commentaires
Boy Kolda
Il y a 3 heures
Enfin ! On attendait cela depuis si longtemps dans notre région, bravo à tous ceux qui ont travaillé.
Les plus populaires
Macky Sall en visite à Touba
"""


def test_portal_page_as_a_browser_saves_it() -> None:
    article = read_bytes(PORTAL.encode(), Format.TEXT)
    assert article.title == "La fibre optique atteint enfin la ville de Kolda"
    assert article.date == dt.date(2024, 10, 14)
    assert article.text.startswith("La ville de Kolda est reliée")
    assert article.text.endswith("Les écoles suivront.")


MAGAZINE = """Le magazine des affaires

MTN vend ses tours en Afrique du Sud

Publié le 19 novembre 2021 à 17h32
Mis à jour le 20 novembre 2021

Ralph Mupita, PDG de MTN, à Johannesburg. © Waldo Swiegers/Bloomberg via Getty Images

Le groupe sud-africain MTN a trouvé un acquéreur pour ses 5 700 tours de télécommunications en Afrique du Sud.

LIRE Télécoms : la course aux pylônes

La vente lui rapportera 412 millions de dollars, selon le communiqué que le groupe a publié mercredi à Johannesburg.
Accueil
Abonnement
Qui sommes-nous
Mentions légales
Publicité
Contact
Archives
Newsletter
"""


def test_magazine_page_has_neither_caption_nor_update() -> None:
    article = read_bytes(MAGAZINE.encode(), Format.TEXT)
    assert article.title == "MTN vend ses tours en Afrique du Sud"
    assert article.date == dt.date(2021, 11, 19)
    assert len(article.text.split("\n\n")) == 2


def page(head: str, body: str) -> Article:
    paragraphs = (
        "<p>La Sonatel inaugure lundi une boucle de fibre optique de deux mille kilomètres autour de Tambacounda.</p>"
        "<p>Le chantier a duré trois ans et coûté dix milliards de francs, a dit le directeur général.</p>"
    )
    content = body.replace("BODY", paragraphs)
    return read_bytes(f"<html><head>{head}</head><body>{content}</body></html>".encode(), Format.HTML)


@pytest.mark.parametrize(
    ("page_title", "heading"),
    [
        ("Fibre : la Sonatel inaugure une boucle - Faso Numérique", "Fibre : la Sonatel inaugure une boucle"),
        ("Fibre : la Sonatel inaugure une boucle - Faso Numérique", ""),
        ("Le Soleil - Fibre : la Sonatel inaugure une boucle", ""),
        ("Fibre : la Sonatel inaugure une boucle", ""),
    ],
)
def test_title_without_the_site_and_never_cut(page_title: str, heading: str) -> None:
    heading = f"<h1>{heading}</h1>" if heading else ""
    article = page(f"<title>{page_title}</title>", f"<article>{heading}BODY</article>")
    assert article.title == "Fibre : la Sonatel inaugure une boucle"


def test_no_date_is_invented() -> None:
    assert (
        page("<title>Fibre</title>", "<article>BODY</article><footer>© 2025 Sud. Créé en 1993.</footer>").date is None
    )


def test_spip_page_with_chapo_source_and_forum() -> None:
    article = page(
        "<title>Fibre à Tambacounda - Site</title><meta name='description' content='Autre chose.'>",
        "<h1 class='crayon article-titre-5'>Fibre à Tambacounda</h1>"
        "<div class='chapo'><p>Deux mille kilomètres.</p></div>"
        "<div class='texte'>BODY</div><div class='ps'><p>(Source : Le Soleil, 3 mai 2011)</p></div>"
        "<div id='comments'><p>Bravo à la Sonatel pour ce chantier, nous l'attendions depuis longtemps !</p></div>",
    )
    assert (article.title, article.chapo) == ("Fibre à Tambacounda", "Deux mille kilomètres.")
    assert (article.source, article.date) == ("Le Soleil", dt.date(2011, 5, 3))
    assert article.text.startswith("La Sonatel inaugure")
    assert "Bravo" not in article.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_spreadsheets_write_it(delimiter: str, encoding: str) -> None:
    rows = [["id", "title", "text"], ["1", "Été", "La fibre à Thiès"]]
    content = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    (record,) = read_records(io.BytesIO(content), Format.CSV)
    assert isinstance(record, Record)
    assert (record.title, record.text) == ("Été", "La fibre à Thiès")


@pytest.mark.parametrize("charset", [None, "windows-1252"])
def test_csv_with_a_byte_order_mark_and_rows_of_two_encodings(charset: str | None) -> None:
    rows = ["1;Sénégal;L’été\r\n", '2;"MALGRÉ\xa0: l’été";"Café\r\nà Thiès"\r\n', "3;Sénégal;L’été"]
    encoded = [row.encode(encoding) for row, encoding in zip(rows, ["utf-8", "windows-1252", "utf-8"], strict=True)]
    content = codecs.BOM_UTF8 + b'"id";title;text\r\n' + b"".join(encoded)
    assert [record.model_dump(include={"id", "title", "text"}) for record in csv_records(content, charset)] == [
        {"id": "1", "title": "Sénégal", "text": "L’été"},
        {"id": "2", "title": "MALGRÉ\xa0: l’été", "text": "Café\r\nà Thiès"},
        {"id": "3", "title": "Sénégal", "text": "L’été"},
    ]


def test_csv_whose_first_accent_comes_late() -> None:
    rows = [f"{number},{'Le Mali. ' * 100}" for number in range(100)]
    content = "\n".join(["id,text", *rows, "100,Café \x9d fermé"]).encode("latin-1") + b"\n101,Le Togo."
    records = csv_records(content)
    assert [record.id for record in records] == [str(number) for number in range(102)]
    assert [record.text for record in records[-2:]] == ["Café \ufffd fermé", "Le Togo."]


def test_csv_is_held_to_the_encoding_that_is_declared() -> None:
    content = "text\nCafé\n".encode("windows-1252")
    (record,) = read_records(io.BytesIO(content), Format.CSV, "utf-8")
    assert isinstance(record, BadRecord)
    assert record.error.code == "invalid-encoding"
    assert [record.text for record in csv_records(content, "cp850")] == ["CafÚ"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_csv_in_wide_characters(encoding: str) -> None:
    (record,) = csv_records("id,text\n1,L’été à Thiès".encode(encoding))
    assert (record.id, record.text) == ("1", "L’été à Thiès")


def csv_records(content: bytes, charset: str | None = None) -> list[Record]:
    records = list(read_records(io.BytesIO(content), Format.CSV, charset))
    return [record for record in records if isinstance(record, Record)]


def test_missing_column_names_those_found() -> None:
    (record,) = read_records(io.BytesIO(b"numero,contenu\n1,x\n"), Format.CSV)
    assert isinstance(record, BadRecord)
    assert "contenu, numero" in str(record.error)


def test_half_characters_are_refused() -> None:
    (record,) = read_records(io.BytesIO(b'{"id": "a", "text": "\\ud800 Le Mali"}'), Format.JSONL)
    assert isinstance(record, BadRecord)
    assert record.error.code == "invalid-record"
    assert record.id == "a"


PROSE = [
    f"Le chantier numéro {n} a commencé à Bobo-Dioulasso et les habitants du quartier attendent la fibre avec espoir."
    for n in ("un", "deux", "trois", "quatre", "cinq")
]


@pytest.mark.parametrize("heading", ["À lire aussi", "Suivez-nous :", "0 commentaire", "Sur le même sujet"])
def test_heading_inside_an_article_ends_nothing(heading: str) -> None:
    text = "\n".join(["Un titre sans point", PROSE[0], heading, *PROSE[1:]])
    article = read_bytes(text.encode(), Format.TEXT)
    assert article.text.split("\n\n") == PROSE


def test_wrapped_lines_are_joined() -> None:
    text = "Un titre sans point\n\n" + "\n\n".join(textwrap.fill(" ".join([line, line]), 72) for line in PROSE)
    article = read_bytes(text.encode(), Format.TEXT)
    assert article.text.split("\n\n") == [f"{line} {line}" for line in PROSE]


def test_list_of_nominations_is_kept_whole() -> None:
    items = [f"- Monsieur Moussa Sawadogo {n}, directeur ;" for n in range(9)]
    text = "\n".join(["Le conseil nomme", PROSE[0], "Sont nommés :", *items, PROSE[1]])
    article = read_bytes(text.encode(), Format.TEXT)
    assert all(item in article.text for item in items)
    assert article.text.endswith(PROSE[1])


def test_laureates_are_no_signature() -> None:
    text = "\n\n".join(["Le prix", PROSE[0], "Les lauréats sont :", "Awa Diop", "Moussa Fall", "Fatou Binetou Sarr"])
    article = read_bytes(text.encode(), Format.TEXT)
    assert article.text.endswith("Awa Diop\n\nMoussa Fall\n\nFatou Binetou Sarr")
    assert read_bytes(f"Titre\n\n{PROSE[0]}\n\nAwa Diop".encode(), Format.TEXT).text == PROSE[0]


@pytest.mark.parametrize("place", ["article class='post comment-open has-comments'", "body class='showing-comments'"])
def test_a_class_about_comments_is_no_comment(place: str) -> None:
    tag = place.split(maxsplit=1)[0]
    markup = "".join(f"<p>{line}</p>" for line in PROSE)
    opening = f"<{place}>" if tag == "body" else f"<body><{place}>"
    article = read_bytes(f"<html>{opening}<h1>Un titre</h1>{markup}</{tag}></html>".encode(), Format.HTML)
    assert all(line in article.text for line in PROSE)


def test_text_in_brackets_is_no_json() -> None:
    assert format_of_content(b"[Dakar] Le ministre a parle.") == Format.TEXT
    assert format_of_content(b"[]") == Format.JSON


def test_half_characters_in_text_are_refused() -> None:
    with pytest.raises(InvalidEncodingError, match="half a character"):
        read_bytes(b"Le ministre +2AA- a dit", Format.TEXT, charset="utf-7")


@pytest.mark.parametrize(
    ("dateline", "source", "date"),
    [
        ("Thiès, 9 avril (APS) – ", "APS", None),
        ("Fès, 14/02/2024 (MAP) - ", "MAP", dt.date(2024, 2, 14)),
        ("Korhogo, 7 fév 2023 (AIP)- ", "AIP", dt.date(2023, 2, 7)),
        ("Goma, 21 mai 2024 (ACP).- ", "ACP", dt.date(2024, 5, 21)),
        ("(Agence des Lacs) - ", "Agence des Lacs", None),
        ("[Le Fil Numérique] – ", "Le Fil Numérique", None),
        ("NIAMEY (ANP) - ", "ANP", None),
        ("Conakry, (Le Quotidien de Guinée) - ", "Le Quotidien de Guinée", None),
        ("APA-Lomé (Togo) ", "APA", None),
        ("APS-", "APS", None),
        ("ORAN - ", None, None),
        ("Gao, 8 août - ", None, None),
        ("Douala, le 12 mai 2023 - ", None, dt.date(2023, 5, 12)),
        ("[Tribune] - ", None, None),
        ("(Dakar) - ", None, None),
        ("Par Moussa Diatta – ", None, None),
    ],
)
def test_datelines(dateline: str, source: str | None, date: dt.date | None) -> None:
    sentence = "Le régulateur a ouvert une enquête sur les tarifs de gros, a dit son directeur général."
    line = normalise(dateline + sentence).text
    found = read_dateline(line)
    assert found is not None
    assert line[found.end :] == sentence
    article = read_bytes(f"Une enquête sur les tarifs\n\n{dateline}{sentence}\n\n{PROSE[0]}".encode(), Format.TEXT)
    assert (article.source, article.date) == (source, date)
    assert article.text.startswith(dateline.strip())


@pytest.mark.parametrize(
    "line",
    [
        "Mali - Niger : une fibre relie les deux pays.",
        "Dakar - Bamako : la liaison est coupée.",
        "Airtel - Le groupe publie ses comptes.",
        "Sonatel (Groupe Orange) - La société publie ses comptes.",
        "Dakar, 3 mars – 5 mars 2025, le salon ouvre.",
        "Le Sénégal – et lui seul – paiera.",
        "MTN-Airtel : la fusion échoue.",
        "Au Mali, le 3 mars, la fibre a été coupée.",
    ],
)
def test_what_only_looks_like_a_dateline(line: str) -> None:
    assert read_dateline(normalise(line).text) is None


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Par Moussa Diatta - 4 mars 2024", dt.date(2024, 3, 4)),
        ("Par Moussa Diatta le 04/03/2024 à 9:15", dt.date(2024, 3, 4)),
        ("Rédigé par Moussa Diatta le Lundi 4 Mars 2024 à 09:15 | Lu 62 fois", dt.date(2024, 3, 4)),
        ("Moussa Diatta | 04/03/2024 à 9h15", dt.date(2024, 3, 4)),
        ("Kaolack, le 4 mars 2024", dt.date(2024, 3, 4)),
        ("lundi 4 mars 2024, par Moussa Diatta", dt.date(2024, 3, 4)),
        ("Par la rédaction", None),
        ("Il y a 2 jours", None),
        ("Temps de lecture : 4 minutes", None),
    ],
)
def test_lines_below_the_title(line: str, date: dt.date | None) -> None:
    article = read_bytes("\n\n".join(["Un titre sans point", line, *PROSE]).encode(), Format.TEXT)
    assert (article.title, article.date) == ("Un titre sans point", date)
    assert article.text.split("\n\n") == PROSE


@pytest.mark.parametrize(
    "lines",
    [
        ["Moussa Diatta avec AFP"],
        ["Moussa Diatta avec agences"],
        ["Moussa Diatta (Stagiaire)"],
        ["Moussa Diatta, correspondant à Kolda"],
        ["Moussa Diatta", "Lefil.net"],
        ["moussa.diatta@lefil.example.sn"],
        ["MD/FS/AB"],
        ["(Avec APS)"],
        ["Par Moussa Diatta"],
        ["Partager : FacebookTwitterWhatsApp"],
        ["Similaire"],
        ["L’article Un titre sans point est apparu en premier sur Le Fil."],
        ["The post Un titre sans point appeared first on Le Fil."],
        ["Rejoignez notre chaîne WhatsApp : https://example.org/chaine"],
        ["Inscrivez-vous gratuitement à la newsletter du Fil pour ne rien manquer."],
        ["Lisez aussi : Un autre titre"],
        ["(Re)lire : Un autre titre"],
        ["Sur le même sujet : Un autre titre"],
        ["Pour aller plus loin : Un autre titre"],
    ],
)
def test_lines_at_the_end(lines: list[str]) -> None:
    article = read_bytes("\n\n".join(["Un titre sans point", *PROSE, *lines]).encode(), Format.TEXT)
    assert article.text.split("\n\n") == PROSE


@pytest.mark.parametrize(
    "line",
    [
        "Avec Orange et MTN",
        "Par SMS",
        "Par Internet",
        "LIRE LE CODE : une priorité pour l'Etat",
        "Pour aller plus loin : le ministre promet une loi avant juin.",
        "Suivez l'exemple du Rwanda, dit le ministre.",
        "Il y a deux heures de route entre les villages",
    ],
)
def test_lines_that_only_look_like_furniture_are_kept(line: str) -> None:
    text = "\n\n".join(["Un titre sans point", line, *PROSE])
    assert line in read_bytes(text.encode(), Format.TEXT).text
    assert furniture_spans(text) == []


def test_an_author_is_named_at_either_end_only() -> None:
    text = "\n\n".join([*PROSE[:4], "Par Orange Money", *PROSE[1:]])
    assert furniture_spans(text) == []


@pytest.mark.parametrize(
    ("above", "date"),
    [
        ("SENEGAL-NUMERIQUE", None),
        ("Télécoms", None),
        ("COMMUNIQUE DE PRESSE\nPour diffusion immédiate\n", None),
        ("Nouakchott, 12/06/2023\n", dt.date(2023, 6, 12)),
        ("Le Courrier - Lundi 4 mars 2024   7\n\nECONOMIE NUMERIQUE", dt.date(2024, 3, 4)),
    ],
)
def test_lines_above_the_title(above: str, date: dt.date | None) -> None:
    text = f"{above}\nLa fibre arrive enfin à Kolda\n\n" + "\n\n".join(PROSE)
    article = read_bytes(text.encode(), Format.TEXT)
    assert (article.title, article.date) == ("La fibre arrive enfin à Kolda", date)
    assert article.text.split("\n\n") == PROSE


def test_a_short_title_above_a_heading_is_kept() -> None:
    text = "Télécoms\n\nUn marché à trois acteurs\n\n" + "\n\n".join(PROSE)
    assert read_bytes(text.encode(), Format.TEXT).title == "Télécoms"


def test_title_in_stars() -> None:
    text = "*La fibre arrive à Kolda*\n\n" + "\n\n".join(PROSE)
    assert read_bytes(text.encode(), Format.TEXT).title == "La fibre arrive à Kolda"


LISTS = {
    "appointments": [
        "Sont nommés :",
        *(f"Madame Awa Fall, juriste {n}\nest nommée directrice {n}" for n in range(6)),
    ],
    "prizes": [f"Prix numéro {n} : la société {n}" for n in range(12)],
    "ranking": [f"{n}. Une jeune pousse de Kolda" for n in range(1, 15)],
    "headings": [f"AU TITRE DU POINT {n}\nMonsieur Ali Ba, économiste" for n in range(8)],
    "questions": [f"Et le point {n} ?\nOn y travaille déjà {n}" for n in range(12)],
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_no_menus(name: str) -> None:
    text = "\n".join(["Un titre sans point", "", PROSE[0], *LISTS[name], PROSE[1], "Un point de plus"])
    article = read_bytes(text.encode(), Format.TEXT)
    assert article.title == "Un titre sans point"
    assert article.text.split("\n\n") == [line for line in text.split("\n")[1:] if line]


def test_words_cut_at_the_end_of_a_line() -> None:
    text = (
        "La société nationale des télécommunications ouvre mardi à Kolda un nou-\n"
        "veau centre de données, a dit à la presse, jeudi dernier, son porte-\n"
        "parole. Les serveurs de l'administration y seront, c'est-à-\n"
        "dire ceux du parte-\nnariat avec les ministères."
    )
    article = read_bytes(text.encode(), Format.TEXT)
    assert article.text == (
        "La société nationale des télécommunications ouvre mardi à Kolda un nouveau centre de données, a dit à la "
        "presse, jeudi dernier, son porte-parole. Les serveurs de l'administration y seront, c'est-à-dire ceux du "
        "partenariat avec les ministères."
    )


def test_narrow_column() -> None:
    text = textwrap.fill(PROSE[0], 34) + "\n\n" + textwrap.fill(f"{PROSE[1]} {PROSE[2]}", 45)
    assert read_bytes(text.encode(), Format.TEXT).text.split("\n\n") == [PROSE[0], f"{PROSE[1]} {PROSE[2]}"]
    short_lines = (
        "le réseau fixe à Kolda ;\nle réseau mobile à Thiès ;\nla fibre à Ziguinchor ;\nle satellite à Podor"
    )
    assert read_bytes(f"{PROSE[0]}\n\n{short_lines}".encode(), Format.TEXT).text.count("\n\n") == 4


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<title>T - Lefil.net</title>", "<h1><a href='/'>Lefil.net</a></h1><h2>T</h2>"),
        ("<title>Le Fil</title>", "<h1><a href='https://lefil.example/'>Le Fil</a></h1><h2>Menu</h2><h2>T</h2>"),
        ("<title>T - Le Fil</title>", "<h1>Le Fil</h1><h2>T</h2>"),
        ("<title>Le Fil</title><meta property='og:title' content='T'>", "<h1><a href='/'>Le Fil</a></h1>"),
        ("<title>T</title><meta property='og:site_name' content='Fibre'>", "<h1>Fibre</h1>"),
    ],
)
def test_a_site_s_name_is_no_title(head: str, body: str) -> None:
    title = "Fibre : la Sonatel inaugure une boucle"
    article = page(
        head.replace(">T", f">{title}").replace("'T'", f"'{title}'"), body.replace(">T<", f">{title}<") + "BODY"
    )
    assert article.title == title


def test_menus_of_an_old_page_of_tables() -> None:
    menu = (
        "<tr><td>Accueil | Politique | Société | Sport</td></tr>"
        "<tr><td><b>Rubriques</b><br>Actualités<br>Multimédia<br></td>"
    )
    text = "<td><div class='texte'><font>" + "<br><br>".join(PROSE) + "<br><br></font></div></td>"
    other = "<td><b>Dans la même rubrique</b><br>Un autre titre<br></td></tr>"
    markup = (
        f"<html><head><title>La fibre à Kolda</title></head><body><table>{menu}{text}{other}</table></body></html>"
    )
    assert read_bytes(markup.encode(), Format.HTML).text.split("\n\n") == PROSE


def test_feed_without_what_the_site_adds() -> None:
    content = (
        f"<p>(Le Fil) – {PROSE[0]}</p><figure><figcaption>Photo DR</figcaption></figure><p>{PROSE[1]}</p>"
        "<div>Partager : <a>Facebook</a><a>Twitter</a></div><h3>Similaire</h3>"
        "<p>L’article <a>La fibre</a> est apparu en premier sur <a>Le Fil</a>.</p>"
    )
    item = f"<item><title>T</title><description><![CDATA[{content}]]></description></item>"
    feed = f"<rss version='2.0'><channel>{item}</channel></rss>"
    (record,) = read_feed(feed.encode())
    assert isinstance(record, Record)
    assert record.text == f"(Le Fil) – {PROSE[0]}\n\n{PROSE[1]}"
