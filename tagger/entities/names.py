"""How French press text writes names: their borders, particles, heads of institutions, acronyms."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile
from typing import Literal

from tagger.text.typography import fold_accents

_SENTENCE_HEAD = re.compile(r"(?:^|[.!?…:;«\"\n(]\s*)$")
_TRAILING = re.compile(
    r"(?:[\s,;:.!?\"'«»(|–—-]|\s(?:du|de|des|d'|la|le|les|l'|au|aux|en|à|et|pour|sur|par)(?!\w))+$"
)
_BREAK = re.compile(r"[\[\];•|]|\s[-–—]\s|(?<=[a-zà-ÿ]{4})\.\s(?=[A-ZÀ-Ý])")
_PUNCTUATION = " ,;:.!?\"'«»()|–—-"
_FORMER = re.compile(r"(?:[lLdD]')?[Ee]x-(?=[A-ZÀ-Ý])")
_INITIALS = re.compile(r"(?:[A-Z]\.){2,}$")
PARTICLES = frozenset("el al ben bin ibn ould mint de du da dos di van von la le abd".split())
# Capitalised words that are taken for names and that name nobody.
_NOT_NAMES = frozenset(
    "royaume etat etats republique gouvernement internet web net administration president presidente ministre "
    "ministere lire voir ecouter cliquez source publicite photo monsieur madame assises forum conference sommet "
    "ia tic ntic pme pmi pib r&d covid covid-19 ramadan tabaski magal sms gsm adsl tnt 2g 3g 4g 5g "
    "cloud big data smartphone wifi wi-fi facebook live pdg dg ceo directeur directrice nord sud est ouest "
    "lundi mardi mercredi jeudi vendredi samedi dimanche africain africains africaine africaines europeen europeens "
    "programme fonds match ligue premier telecoms f-cfa bien les "
    "coran bible etat-major franc fcfa cfa euro dollar constitution code loi decret bourse "
    "faso excellence honorable".split()
)
# Acronyms of this field that name techniques, moneys and notions.
_TECHNICAL_ACRONYMS = frozenset(
    "CFA FCFA TIC NTIC SMS MMS SIM ONG ADSL SDSL GSM GPRS UMTS CDMA LTE WIMAX VPN TNT GIE USB GMT MVNO PDG DG DSI SG "
    "PME PMI TPE PDA TVA MP3 MP4 OTT VOIP PIB PNB RNI SOS RSS UHF VHF DVD DAB GPS HTTP HTTPS HTML XML WWW DNS IPV4 "
    "IPV6 USSD VSAT FTTH USD EUR EURO IOT API CAN RDV CNI NIN BTS RTC NFC QR CEO CTO CFO TV HD SD LED PC ID RSE DEEE "
    "IA AI GPT LLM II III IV VI VII VIII IX XI XII XIII XIV XV XVI XIX XX XXI BAC BEP BTS DESS PHD MBA VIH SIDA "
    "PCA PT-NTIC "
    "COVID OGM OVNI BTP DRH HT TTC RD FAI KYC B2B B2C P2P SVOD VOD ACE WACS SAT3 SAFE PV SARL SAS SA".split()
)
# What is written with a capital before a person's name and is no part of it.
_RANK = re.compile(
    r"^(?:(?:Mes?|MM?\.|Mmes?|Mlles?|Drs?\.?|Prs?\.?|Professeure?|Docteure?|Imam|Oba|Emir|Monseigneur|Mgr|Cardinal|Juge"
    r"|SE(?=\s(?:M\.|Mme|Monsieur|Madame))|S\.\s?E\.(?:\s?M(?:me)?\.?)?|(?:SEM|SE|DG|PDG|PCA)(?=(?:\s[A-ZÀ-Ý][\w'-]+){2})"
    r"|(?:Son|Leurs|Votre) Excellences?(?: (?:Monsieur|Madame))?"
    r"|Sergent|Adjudant|Lieutenant|Capitaine|Commandant|Colonel|Général|Amiral|Maréchal|Commissaire|Attorney General"
    r"|Senior Puisne Judge)(?:[ -](?:colonel|major|général|d'armée|de division|de brigade))?\s+)+(?=[A-ZÀ-Ý])"
)
# An office that is named before its holder or its institution: « Directeur général de la SNDI ».
_ROLE = re.compile(
    r"(?i:(?:(?:monsieur|madame) l[ea] )?(?:honorable )?(?:ex-|ancien(?:ne)? )?(?:vice[- ])?(?:"
    r"présidente?(?:[- ]direct(?:eur|rice) générale?)?|premi(?:er|ère) ministre|ministres?(?: déléguée?| d'[eé]tat)?"
    r"|direct(?:eur|rice)(?: générale?)?(?: adjointe?)?|secrétaire(?: générale?| d'[eé]tat)?|députée?s?|procureure?"
    r"|garde des sceaux|chef de l'[eé]tat|p-?dg|honorable))\b(?:\s(?!des\b)[a-zà-ÿ-]{3,})*"
)
_OF_ROLE = re.compile(r"\s(?:de la |de l'|du |des |de |d'|à la |à l'|aux? |à )(?=[A-ZÀ-Ý])")
_HOLDER = re.compile(r",?\s(?=[A-ZÀ-Ý])")
# What a sentence begins with before its subject, « Hier Djamo a levé des fonds ».
_DAY = re.compile(r"(?:Lundi|Mardi|Mercredi|Jeudi|Vendredi|Samedi|Dimanche|Hier|Demain|Aujourd'hui)\s(?=[A-ZÀ-Ý])")
_REPUBLIC = re.compile(r"[IVX]+(?:e|è|ème) République$|République (?:pour|chargé|en)\b")
_MINISTRY = "ministere "
# Services, brands and programs that no institution is named after.
_PRODUCTS = frozenset(
    "bitcoin ethereum usdc alize sentoo keurgui campusen orbus seddo izi illimix pi-spi android ios appstore linux "
    "windows".split()
) | {
    "app store", "google play", "play store", "windows vista", "windows xp", "keurgui khewel", "keurgui kheweul",
    "keurgui tv", "plateforme interoperable du systeme de paiement instantane", "senegal numerique", "smart senegal",
    "smart territoires", "senegal connect", "sama piece",
}  # fmt: skip
_OFFICE = re.compile(r"^(?:Office|Windows) (?:\d+|XP|Vista)$", re.IGNORECASE)
_CONTEST = re.compile(r"\b(?:Summit|Awards?|Rankings?(?: \d{4})?|Index|Bill|Innovathon|Hackathon|Act)$")
_EVENT = re.compile(
    r"^(?:les\s+)?(?:Assises|Forum|Sommet|Salon|Conférence|Semaine|Journées?|Congrès|Prix|Plan|Stratégie|Code|Loi"
    r"|Baromètre|Biennale|Label|Trophées?)\b"
)
_TITLE_HOLDER = re.compile(
    r"^(?:Attorney General|ministres?|présidente?|directeur|directrice|gouvernement|secrétaire|député)\b"
)
Words = tuple[str, ...]
Gender = Literal["f", "m"]
FUNCTION_WORDS = frozenset("le la les l de du des d et a au aux en pour sur dans contre par of the and for".split())
# Nouns that stand at the head of institutions' names and, with a capital, for the whole of them.
HEADS: dict[str, Gender] = {
    **dict.fromkeys(
        "academie administration agence alliance ambassade assemblee association autorite banque bibliotheque bourse "
        "brigade caisse cellule chambre coalition commission communaute compagnie confederation conference "
        "coordination cour delegation direction division ecole entreprise faculte federation fondation gendarmerie "
        "haute inspection instance ligue maison mairie mission mutuelle organisation police poste prefecture "
        "presidence primature radio regie section societe universite union".split(),
        "f",
    ),
    **dict.fromkeys(
        "bureau cabinet centre club collectif comite congres conseil consortium departement fonds forum front "
        "groupement groupe haut incubateur institut institution journal laboratoire lycee ministere mouvement musee "
        "observatoire office ordre parlement parti port programme rassemblement regroupement reseau secretariat "
        "senat service syndicat tribunal".split(),
        "m",
    ),
}
_LEGAL_FORMS = frozenset("sa sarl sas ltd limited inc plc".split())
_INSTITUTION_WORD = re.compile(r"[a-z0-9&+]+")
_FEMININE = re.compile(r"\b(?:la|une|cette)\s+$", re.IGNORECASE)
_MASCULINE = re.compile(r"\b(?:le|un|ce|du|au)\s+$", re.IGNORECASE)


def trim_name(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the borders of the name inside ``text[start:end]``: nothing after a break, no punctuation around it."""
    if match := _BREAK.search(text, start + 1, end):
        end = match.start()
    start += len(text[start:end]) - len(text[start:end].lstrip(_PUNCTUATION))
    if match := _FORMER.match(text, start, end):  # « (ex-Orange Niger) »
        start = match.end()
    surface = text[start:end]
    if (match := _TRAILING.search(surface)) and not _INITIALS.search(surface):
        end -= len(surface) - match.start()
    return start, max(start, end)


def rank_length(surface: str) -> int:
    """Give the number of characters of the rank or honorific at the beginning of a person's name."""
    match = _RANK.match(surface)
    return match.end() if match else 0


def office_length(surface: str) -> tuple[int, bool]:
    """Give the number of characters of the office at the beginning of a name, and whether its holder follows.

    Else what follows is the institution (« Directeur général de la SNDI »), or nothing where the office is all.
    """
    office = _ROLE.match(surface)
    if not office:
        return 0, False
    if match := _OF_ROLE.match(surface, office.end()):
        return match.end(), False
    match = _HOLDER.match(surface, office.end())
    return (match.end(), True) if match else (len(surface), False)


def day_length(text: str, start: int, end: int) -> int:
    """Give the number of characters of the day at the beginning of ``text[start:end]``, where a sentence begins."""
    match = _DAY.match(text, start, end)
    return match.end() - start if match and at_head(text, start) else 0


def is_name(surface: str) -> bool:
    """Say whether `surface` can be a name at all: it has a capital or is a ministry, and is no common noun."""
    folded = fold_accents(surface).lower()
    return (
        (any(map(str.isupper, surface)) or folded.startswith(_MINISTRY))
        and sum(map(str.isalpha, surface)) > 1
        and "\n" not in surface
        and folded not in _NOT_NAMES
        and folded not in _PRODUCTS
        and surface.upper() not in _TECHNICAL_ACRONYMS
        and not _EVENT.match(surface)
        and not _CONTEST.search(surface)
        and not _OFFICE.match(surface)
        and not _TITLE_HOLDER.match(surface)
        and not _REPUBLIC.match(surface)
    )


def at_head(text: str, start: int) -> bool:
    """Say whether a sentence or a quotation begins at `start`, where any word has a capital."""
    return bool(_SENTENCE_HEAD.search(text[max(0, start - 3) : start]))


def is_acronym(surface: str) -> bool:
    """Say whether `surface` is written as an acronym: UM6P, ARTP, I.C.A.N.N."""
    letters = surface.replace(".", "")
    return 1 < len(letters) <= 10 and " " not in letters and sum(map(str.isupper, letters)) > len(letters) / 2  # noqa: PLR2004


def stands_for(acronym: str, name: str) -> bool:
    """Say whether `acronym` may abbreviate `name`: its letters follow the order of the words' initials."""
    letters = fold_accents(acronym).lower().replace(".", "")
    initials = "".join(word[0] for word in re.findall(r"[a-z0-9]+", fold_accents(name).lower()))
    found = 0
    for letter in letters:
        place = initials.find(letter)
        if place >= 0:
            found += 1
            initials = initials[place + 1 :]
    return found >= max(2, len(letters) / 2)


@lru_cache(maxsize=50_000)
def institution_words(name: str) -> Words:
    """Give the words by which institutions are compared.

    An article or « groupe » before the name and a legal form after it make no difference, nor do the dots and
    hyphens of an acronym.
    """
    joined = re.sub(r"[.-]" if is_acronym(name) else r"\.", "", name)
    words = _INSTITUTION_WORD.findall(fold_accents(joined).lower()) or [name.lower()]
    first = 1 if words[0] in ("le", "la", "les", "l") else 0
    if words[first : first + 1] == ["groupe"] and not FUNCTION_WORDS.intersection(words[first + 1 : first + 2]):
        first += 1
    last = len(words) - 1 if words[-1] in _LEGAL_FORMS else len(words)
    return tuple(words[first:last] or words)


@lru_cache(maxsize=50_000)
def missed_words(acronym: str, words: Words) -> int | None:
    """Count the words that give no letter to `acronym`, or give None where they do not spell it.

    A word gives its first letter or letters (SENUM: Sénégal numérique). The first word must give one, function
    words need not. A name that contains the acronym (« BBC Afrique ») is another's.
    """

    def missed(place: int, number: int) -> int | None:
        """Count for the letters from `place` and the words from `number`."""
        rest = words[number:]
        if place == len(acronym) or not rest:
            return None if place < len(acronym) else sum(word not in FUNCTION_WORDS for word in rest)
        found = [missed(place + given, number + 1) for given in range(1, _common(acronym[place:], rest[0]) + 1)]
        if number and (without := missed(place, number + 1)) is not None:
            found.append(without + (rest[0] not in FUNCTION_WORDS))
        return min((count for count in found if count is not None), default=None)

    return None if acronym in words else missed(0, 0)


def _common(first: str, second: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def ministry_portfolios(words: Words) -> list[Words]:
    """Give what a ministry is in charge of, from the words of its name."""
    portfolios: list[list[str]] = [[]]
    for word in words[1:]:
        if word in FUNCTION_WORDS:
            portfolios.append([])
        else:
            portfolios[-1].append(word)
    return [tuple(portfolio) for portfolio in portfolios if portfolio and portfolio[0] not in ("charge", "chargee")]


def gender_before(text: str, start: int) -> Gender | None:
    """Give the gender that the determiner before ``text[start:]`` shows (« le CDP »)."""
    before = text[max(0, start - 6) : start]
    return "f" if _FEMININE.search(before) else "m" if _MASCULINE.search(before) else None
