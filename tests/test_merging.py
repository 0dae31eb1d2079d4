"""Mentions merged into entities, one difficulty at a time. « [P:Awa Diop] » marks a mention of a person."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.article import EntityType
from tagger.entities.groups import Group
from tagger.entities.known_name_files import load_known_names
from tagger.entities.known_names import KnownNames
from tagger.entities.merging import merge
from tagger.entities.names import missed_words
from tagger.entities.recogniser import Found
from tagger.resources import training_data_dir

_MARK = re.compile(r"\[([POCL]):([^\]]+)\]")
_TYPES: dict[str, EntityType] = {"P": "PER", "O": "ORG", "C": "COUNTRY", "L": "LOC"}


@lru_cache
def known_names() -> KnownNames:
    return KnownNames(load_known_names(training_data_dir()))


def merged(marked: str) -> list[Group]:
    """Merge the mentions marked in a text; those that are known names are linked, as the recogniser does."""
    text, mentions, end = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[end : match.start()]
        mentions.append((len(text), match[2], _TYPES[match[1]]))
        text, end = text + match[2], match.end()
    text += marked[end:]
    hits = {(hit.start, hit.end, hit.type): hit.known for hit in known_names().find(text)}
    found = [
        Found("text", start, start + len(name), name, kind, hits.get((start, start + len(name), kind)))
        for start, name, kind in mentions
    ]
    return merge(found, "", text, known_names())


def grouped(marked: str) -> list[list[str]]:
    return [[mention.surface for mention in group.mentions] for group in merged(marked)]


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        pytest.param(
            "[P:Binta Diop] et [P:Modou Diop] codent. M. [P:Diop] vend, Mme [P:Diop] écrit.",
            [["Binta Diop", "Diop"], ["Modou Diop", "Diop"]],
            id="namesakes by title of address",
        ),
        pytest.param(
            "M. [P:Diop] vend. Mme [P:Diop] écrit.", [["Diop"], ["Diop"]], id="a couple without first names"
        ),
        pytest.param(
            "La directrice, [P:Zoumi Sarr], a parlé. Son adjoint [P:Koura Sarr] aussi. Mme [P:Sarr] sourit.",
            [["Zoumi Sarr", "Sarr"], ["Koura Sarr"]],
            id="gender by a role",
        ),
        pytest.param(
            "Maître [P:Koura Sarr] défend [P:Zoumi Sarr]. Pour Me [P:Sarr], rien n'est prouvé.",
            [["Koura Sarr", "Sarr"], ["Zoumi Sarr"]],
            id="lawyer and client",
        ),
        pytest.param(
            "Le professeur [P:Ali Ba] part, le Dr [P:Koura Ba] arrive. Le Pr [P:Ba] sourit, le Dr [P:Ba] aussi.",
            [["Ali Ba", "Ba"], ["Koura Ba", "Ba"]],
            id="professor and doctor",
        ),
        pytest.param(
            "[P:Ali Ba] est venu. [P:Ali Ba] a parlé. [P:Omar Ba] a répondu. M. [P:Ba] insiste.",
            [["Ali Ba", "Ali Ba"], ["Omar Ba", "Ba"]],
            id="who was named last",
        ),
        pytest.param(
            "[P:Omar Ba], fils du ministre [P:Ali Ba], a parlé. M. [P:Ba] insiste.",
            [["Omar Ba", "Ba"], ["Ali Ba"]],
            id="named only as a father",
        ),
        pytest.param(
            "[P:Pape Alioune Mbow] code. [P:Pape Alioune] vend. [P:Mbow] rit. [P:Alioune Mbow] part.",
            [["Pape Alioune Mbow", "Pape Alioune", "Mbow", "Alioune Mbow"]],
            id="compound first name",
        ),
        pytest.param(
            "[P:El Hadj Malick Tine] tient boutique. [P:El Hadj Tine] se plaint, M. [P:Tine] écrit.",
            [["El Hadj Malick Tine", "El Hadj Tine", "Tine"]],
            id="El Hadj",
        ),
        pytest.param(
            "[P:Jean-Rémy Koffo] rit. [P:Jean-Rémy] part.", [["Jean-Rémy Koffo", "Jean-Rémy"]], id="hyphenated"
        ),
        pytest.param(
            "[P:Mamadou Lamine Traoré] a signé. [P:M. L. Traoré], [P:A. Traoré] et [P:Alou Traoré] aussi.",
            [["Mamadou Lamine Traoré", "M. L. Traoré"], ["A. Traoré", "Alou Traoré"]],
            id="initials",
        ),
        pytest.param(
            "[P:Drissa Bakayoko] élu. [P:BAKAYOKO Drissa] rit. "
            "[P:Yao Hervé Kouassi] vote. [P:KOUASSI Yao Hervé] rit.",
            [["Drissa Bakayoko", "BAKAYOKO Drissa"], ["Yao Hervé Kouassi", "KOUASSI Yao Hervé"]],
            id="surname first",
        ),
        pytest.param(
            "[P:Saliou N'Diaye] ouvre, [P:Saliou Ndiaye] ferme. M. [P:Ndiaye] et Mme [P:Al-Amine Bâ].",
            [["Saliou N'Diaye", "Saliou Ndiaye", "Ndiaye"], ["Al-Amine Bâ"]],
            id="spelling",
        ),
        pytest.param(
            "[P:Makhou Fall], alias [P:Xumane], et [P:Boubou Diop], dit « [P:Buub] », rient. "
            "[P:Xumane] et [P:Buub Diop].",
            [["Makhou Fall", "Xumane", "Xumane"], ["Boubou Diop", "Buub", "Buub Diop"]],
            id="nicknames",
        ),
        pytest.param(
            "[P:Ba] contre [P:Seck]. [P:Omar Ba] dirige, [P:Ali Seck] aussi.",
            [["Ba", "Omar Ba"], ["Seck", "Ali Seck"]],
            id="surname before the full name",
        ),
        pytest.param(
            "[P:Ndiaga Gueye] interpelle [P:Rokhaya Gueye]. Pour M. [P:Gueye], c'est non.",
            [["Ndiaga Gueye", "Gueye"], ["Rokhaya Gueye"]],
            id="a woman's first name, in any spelling",
        ),
        pytest.param(
            "M. [P:Diop] ouvre. [P:Aïssatou Diop] répond. M. [P:Diop] refuse.",
            [["Diop", "Diop"], ["Aïssatou Diop"]],
            id="a man of whom only the surname is given",
        ),
        pytest.param(
            "[P:Moussa Sow] et [P:Penda Sow] signent. Mme [P:Sow] rit, M. [P:Sow] part.",
            [["Moussa Sow", "Sow"], ["Penda Sow", "Sow"]],
            id="doubled consonants",
        ),
    ],
)
def test_people(text: str, groups: list[list[str]]) -> None:
    assert grouped(text) == groups


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        pytest.param(
            "L'[O:Office malien des pistes] ([O:O.M.P.]) ouvre. L'[O:OMP] ferme.",
            [["Office malien des pistes", "O.M.P.", "OMP"]],
            id="dots",
        ),
        pytest.param(
            "Le [O:CRAX] ([O:Comité régional des archives]) ou "
            "l'[O:Union des scribes], dite [O:US]. [O:CRAX] et [O:US].",
            [["CRAX", "Comité régional des archives", "CRAX"], ["Union des scribes", "US", "US"]],
            id="either order",
        ),
        pytest.param(
            "L'[O:Agence nouvelle des rails] ([O:ANRX]) paie. [O:ANRX] rit. L'[O:Association nordique de ramage] "
            "([O:ANRX]) chante. [O:ANRX] dort.",
            [
                ["Agence nouvelle des rails", "ANRX", "ANRX"],
                ["Association nordique de ramage", "ANRX", "ANRX"],
            ],
            id="one acronym, two definitions",
        ),
        pytest.param(
            "La [O:Commission du poisson] ([O:CDPX]) siège. Le [O:Congrès du peuple xérois] vote. Le [O:CDPX] rit.",
            [["Commission du poisson", "CDPX"], ["Congrès du peuple xérois", "CDPX"]],
            id="gender of an acronym",
        ),
        pytest.param(
            "L'[O:Autorité de régulation des transports publics] ([O:ARTP]) "
            "de [L:Dakar], au [C:Sénégal]. L'[O:ARTP].",
            [["Autorité de régulation des transports publics", "ARTP", "ARTP"], ["Dakar"], ["Sénégal"]],
            id="a definition wins over a known name",
        ),
        pytest.param(
            "Le [O:Syndicat des maçons de Thiès] proteste. Le [O:SMT] attend. L'[O:ONU] et l'[O:Office du nu].",
            [["Syndicat des maçons de Thiès", "SMT"], ["ONU"], ["Office du nu"]],
            id="initials without parentheses",
        ),
        pytest.param(
            "Le [O:Conseil des sages], l'[O:Union des scribes]. Le [O:Conseil] siège, l'[O:Union] dort.",
            [["Conseil des sages", "Conseil"], ["Union des scribes", "Union"]],
            id="head alone",
        ),
        pytest.param(
            "Le [O:ministère de la Pêche et de la Mer] paie. Le [O:ministère de la Mer], "
            "le [O:ministère de l'Économie] et le [O:ministère de l'Économie numérique].",
            [
                ["ministère de la Pêche et de la Mer", "ministère de la Mer"],
                ["ministère de l'Économie"],
                ["ministère de l'Économie numérique"],
            ],
            id="ministries",
        ),
        pytest.param(
            "[O:Le Griot] paraît. [O:Griot] et [O:Lune Quotidien] aussi. [O:Lune].",
            [["Le Griot", "Griot"], ["Lune Quotidien", "Lune"]],
            id="newspapers",
        ),
        pytest.param(
            "[O:Zebu Sénégal] ouvre. [O:Zebu] rit. [O:Orange Mali] et [O:Orange]. "
            "[O:Kudu], [O:Kudu Mali], [O:Kudu Togo].",
            [
                ["Zebu Sénégal", "Zebu"],
                ["Orange Mali"],
                ["Orange"],
                ["Kudu"],
                ["Kudu Mali"],
                ["Kudu Togo"],
            ],
            id="brand and country",
        ),
        pytest.param(
            "[O:Zebu], devenu [O:Kudu], ouvre. [O:Gnou] (ex-[O:Oryx]) ferme. [O:Bongo], ancien client de [O:Topi].",
            [["Zebu", "Kudu"], ["Gnou", "Oryx"], ["Bongo"], ["Topi"]],
            id="renamed",
        ),
        pytest.param(
            "L'[O:Assemblée nationale] du [C:Togo] et l'[O:Assemblée nationale] béninoise. L'[O:Assemblée nationale] "
            "togolaise.",
            [["Assemblée nationale", "Assemblée nationale"], ["Togo"], ["Assemblée nationale"]],
            id="homonyms of two countries",
        ),
        pytest.param(
            "L'[O:ARPT] de [C:Guinée] et l'[O:ARPTC] de la [C:RDC] signent. L'[O:ARPT] paie l'[O:ARPTC].",
            [["ARPT", "ARPT"], ["Guinée"], ["ARPTC", "ARPTC"], ["RDC"]],
            id="one regulator's acronym inside another's",
        ),
        pytest.param(
            "Au [C:Cameroun], l'[O:ART] reçoit une délégation malgache de l'[O:ARTEC].",
            [["Cameroun"], ["ART"], ["ARTEC"]],
            id="an acronym spells no name that is not written",
        ),
    ],
)
def test_institutions(text: str, groups: list[list[str]]) -> None:
    assert grouped(text) == groups


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Le [C:Congo] investit.", "CG"),
        ("À [L:Kinshasa], le [C:Congo] investit.", "CD"),
        ("À [L:Kinshasa] et à [L:Brazzaville], le [C:Congo] investit.", "CG"),
    ],
)
def test_congo_is_the_one_that_the_article_points_to(text: str, code: str) -> None:
    (congo,) = [group for group in merged(text) if group.mentions[0].surface == "Congo"]
    assert congo.known is not None
    assert congo.known.id == code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mme [P:Touré] et [P:Awa Touré] rient.", "Awa Touré"),
        ("L'[O:UIT] siège.", "Union internationale des télécommunications"),
        ("L'[O:Union internationale des telecommunications] siège.", "Union internationale des télécommunications"),
        ("[O:Ministère de la Lune] : le [O:ministère de la Lune] rit.", "ministère de la Lune"),
        ("La [C:Cote d'Ivoire] investit.", "Côte d'Ivoire"),
        ("[P:AWA TOURÉ] parle. [P:Awa Toure] rit. [P:Awa Touré] part.", "Awa Touré"),
    ],
)
def test_name_is_the_fullest_or_the_known_one(text: str, name: str) -> None:
    assert merged(text)[0].name == name


@pytest.mark.parametrize(
    ("acronym", "name", "missed"),
    [
        ("cred", "conseil pour le respect de l ethique et la deontologie", 0),
        ("senum", "senegal numerique", 0),
        ("m23", "mouvement du 23 juin", 1),
        ("art", "office des postes", None),
        ("art", "nouvelle agence de regulation des telecommunications", None),
    ],
)
def test_initials_spell_an_acronym(acronym: str, name: str, missed: int | None) -> None:
    assert missed_words(acronym, tuple(name.split())) == missed


_WORDS = st.sampled_from(
    "Le La El Awa Ali M. Diop BA N'Diaye Orange Mali Sénégal ARTP U.I.T. UIT Union Conseil ministère de des et "
    "Communication Numérique Agence l'Agence Congo Kinshasa - ( ) & ' É ß".split()
)
_MENTIONS = st.lists(
    st.tuples(
        st.lists(_WORDS, min_size=1, max_size=6).map(" ".join),
        st.sampled_from(list(_TYPES.values())),
        st.sampled_from(["", " ", " (", "), ", ", ou ", " et M. ", " du ", ", devenu ", ". Mme ", ", dit "]),
        st.booleans(),
    ),
    max_size=14,
)


@settings(deadline=None, max_examples=150)
@given(_MENTIONS)
def test_every_mention_comes_back_once_and_in_order(drawn: list[tuple[str, EntityType, str, bool]]) -> None:
    title, text, found = "", "", []
    for surface, kind, after, in_title in drawn:
        before = title if in_title else text
        hits = [
            hit for hit in known_names().find(surface) if hit.type == kind and hit.end - hit.start == len(surface)
        ]
        known = hits[0].known if hits else None
        found.append(
            Found("title" if in_title else "text", len(before), len(before) + len(surface), surface, kind, known)
        )
        if in_title:
            title += surface + after
        else:
            text += surface + after
    groups = merge(found, title, text, known_names())
    back = [(mention.field, mention.start, mention.end) for group in groups for mention in group.mentions]
    assert sorted(back) == sorted((mention.field, mention.start, mention.end) for mention in found)
    for group in groups:
        places = [(mention.field == "text", mention.start) for mention in group.mentions]
        assert places == sorted(places)
        assert group.name
