"""The lines that press sites put into and around an article, and what they tell of it.

One place for all patterns that depend on how the French-language press writes its pages. A line is matched
in normalised form (straight apostrophes, plain spaces).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from tagger.reading.dates import find_date
from tagger.text.typography import normalise

_INSERT = re.compile(
    r"""^\W*(?:
        (?:(?:à|a)\s+)?(?:lire|lisez|voir|écouter|regarder|découvrir)\s+(?:aussi|également|egalement|encore|ensuite)\b
        | (?:(?:à|a)\s+)?(?:(?:re\)?\s?-?)?lire|revoir|voir|écouter|regarder)\s*[:|]
        | (?:à|a)\s+ne\s+pas\s+manquer\b
        | (?:(?:sur|dans)\s+le\s+même\s+(?:sujet|thème)|pour\s+aller\s+plus\s+loin)\s*[:|](?!.*\.\W*$)
        | (?-i:LIRE\s(?!['A-ZÀ-Ý]{2,}\b))
        | cliquez\s+ici\b
        | (?:pour\s+)?lire\s+(?:la\s+suite|l'article|l'intégralité)\b
        | suivez[-\s]nous\b | rejoignez[-\s]nous\b | abonnez-vous\b | inscrivez-vous\s+à\s+notre\b
        | téléchargez\s+(?:notre|l')\s*application\b
        | merci\s+d'avoir\s+signalé\b | cette\s+image\s+sera\s+automatiquement\b
        | (?:inscrivez-vous|abonnez-vous|suivez|rejoignez|recevez|retrouvez)\b.{0,160}
          \b(?:newsletter|lettre\s+d'information|whatsapp|telegram)\b.{0,120}$
        | (?:l'article|cet\s+article|the\s+post)\b.{0,400}\s
          (?:est\s+apparu\s+(?:en\s+premier|d'abord)\s+(?:sur|dans)|appeared\s+first\s+on)\s.{1,80}$
        | (?:temps|durée)\s+de\s+lecture\b\W{0,3}.{0,25}$ | \d+\s*min(?:utes?)?\s+de\s+lecture\W*$
        | il\s+y\s+a\s+(?:\d{1,2}|une?|quelques)\s+(?:seconde|minute|heure|jour|semaine|mois|an)s?\W*$
        | tous\s+droits\s+réservés\b | copyright\W*(?:©|\(c\)|\d{4}) | ©
        | (?:mots[-\s]clés|tags|étiquettes|catégories?)\s*:
        | ce\s+site\s+utilise\s+des\s+cookies\b
        | (?:publicité|annonce|advertisement|newsletter)\W*$
        | (?:partager|partagez|imprimer|tweeter|tweetez|enregistrer|commenter|réagir|s'abonner|envoyer)
          (?:\s+(?:sur|par|cet|cette|l'article|à\s+la\s+newsletter)\b.{0,40})?\W*$
        | (?:partager|partagez|share)\W*(?:(?:facebook|twitter|whatsapp|telegram|linkedin|e-?mail|x)\W*){1,8}$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CAPTION = re.compile(
    r"^\W*(?:crédit|photo|ph|image|légende|illustration|infographie|vidéo)s?"
    r"(?:\s+(?:photos?|images?|d'illustration|d'archives?|dr|afp|aps))*\s*(?:[:©/]|$)"
    r"|^\W*ph\.\s|^.{0,200}(?:©|\(c\)\s*(?:\d{4}|(?-i:[A-ZÀ-Ý]))|via\s+getty)[^.]{0,60}$",
    re.IGNORECASE,
)
_LINK_HEADING = re.compile(
    r"^\W*(?:(?:\d+|aucun)\s+commentaires?|(?:articles?|sujets?|contenus?)\s+(?:similaires?|liés?|associés?|connexes?"
    r"|recommandés?|précédents?|suivants?)|dans\s+la\s+même\s+(?:rubrique|catégorie)"
    r"|(?:sur|dans)\s+le\s+même\s+(?:sujet|thème)|derniers?\s+articles?|similaires?|j'aime\s+ça|facebook|twitter|whatsapp|telegram|linkedin)\W*$",
    re.IGNORECASE,
)
_END = re.compile(
    r"^\W*(?:(?:vos\s+)?(?:commentaires|réactions)(?:\s*\(\d+\))?|laisser\s+un\s+commentaire"
    r"|les\s+plus\s+(?:lus|populaires|commentés|récents)|fil\s+d'actu|liens\s+intéressants"
    r"|navigation\s+par\s+mots\s+clés)\W*$",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"^\W*source\s*:\s*(?P<source>[^,)]{2,80}?)\s*(?:,\s*(?P<date>[^)]{4,60}?))?\s*\)?\W*$", re.I)
_WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_PUBLISHED = re.compile(
    r"^\W*(?:publié|mis\s+en\s+ligne|posté|paru)e?\b"
    r"(?:\s+dans\s+(?P<source>.{2,60}?))?(?:\s+par\s+.{2,60}?)?[\s:,]+(?:le\s+)?"
    rf"(?P<date>(?:{_WEEKDAY}\s+)?\d.{{3,50}})$",
    re.IGNORECASE,
)
# Possessive, so that a line of many spaces is looked at once.
_CAPITALISED = r"[A-ZÀ-Ý][\w'.-]*"
_NAME = rf"{_CAPITALISED}(?:\s++(?:(?:de|du|la|le|ben|ould|et)\s++)?{_CAPITALISED}){{1,5}}"
_DAY = (
    rf"(?:(?i:le)\s++)?(?:(?i:{_WEEKDAY})\s++)?"
    r"(?:\d{1,2}(?:er)?\s++(?:[a-zA-Zéû]{3,9})\.?,?\s++(?:19|20)\d\d|\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)\d\d)"
)
_HOUR = r"(?:[\s,|-]{0,5}(?:à\s++)?\d{1,2}\s?(?:h|:)\s?\d{0,2}(?:min|:\d\d)?)?"
_READ = r"(?:\s*+\|\s*+(?i:lu)\s++[\d\s]+(?i:fois))?\W*$"
_DATE_LINE = re.compile(
    r"^\W*(?:(?i:mis\s++à\s++jour|modifié)\s*+:?\s*+)?(?i:le\s++)?"
    rf"(?i:{_WEEKDAY})?\s*+\d{{1,2}}(?:er)?\s++[A-Za-zéèûôÉÛ.]{{3,9}}\s++(?:19|20)\d\d\b(?:.{{0,20}}|,?\s++par\s++{_NAME})$"
    rf"|^{_CAPITALISED}(?:\s++{_CAPITALISED}){{0,2}}\s*+,\s*+{_DAY}\W*$"
)
_AUTHOR = r"\W*(?i:par|rédigé\s++par|écrit\s++par|propos\s++recueillis\s++par)(?:\s*+:)?\s++"
_DATED_BYLINE = re.compile(
    rf"^{_AUTHOR}{_CAPITALISED}[^;!?]{{0,80}}?[\s,|-]{{1,5}}{_DAY}{_HOUR}{_READ}"
    rf"|^{_NAME}\s*+[|•·–—-]\s*+{_DAY}{_HOUR}(?:\s++\d{{1,3}})?{_READ}"
    rf"|^{_AUTHOR}{_NAME}\s*+\|\s*+(?i:lu)\s++[\d\s]+(?i:fois)\W*$"
)
_AGENCY = (
    r"(?:ABP|ACI|ACP|AFP|AGP|AIB|AIP|AMAP|AMI|ANP|APA|APAnews|APS|ATOP|MAP|PANA|Panapress|TAP|Xinhua"
    r"|Reuters)"
)
_BYLINE = re.compile(
    rf"^\W*(?:(?i:rédigé|écrit|propos\s++recueillis)\s++par(?:\s*+:)?\s++{_CAPITALISED}"
    rf"|[Pp]ar(?:\s*+:)?\s++(?:(?:la\s++)?[Rr]édaction|{_AGENCY}|(?:[A-Z]\.\s?){{2,3}}|{_CAPITALISED}(?:\s++(?:de|et|la|le))*\s++{_CAPITALISED}))"
    rf"(?:\s*+,|\s++(?:{_CAPITALISED}|\([\w\s]+\)|de|et|avec|la|le|&))*\W*$"
)
_EDGE_LINES = 3  # an author is named beside the title or at the end
_MAX_CHARS = 1000  # no such line is longer: only the beginning of a longer one is looked at
_POST = r"(?i:stagiaire|correspondante?s?|envoyée?s?\s++spécia(?:le?s?|ux)|journaliste|collaborat(?:eur|rice))"
_SIGNATURE = re.compile(
    rf"^(?!Par\s|Avec\s){_CAPITALISED}(?:\s++{_CAPITALISED}){{1,3}}"
    rf"(?:\s++\((?:à|avec)\s[^)]*\)|\s++avec\s++(?:l'|les\s++)?(?:agences?|{_AGENCY})(?:\s++et\s++(?:agences?|{_AGENCY}))?"
    rf"|\s*+,\s*+{_POST}[^.]{{0,50}}|\s*+\(\s*+{_POST}[^()]{{0,50}}\))?$"
)
_SURE_SIGNATURE = re.compile(  # no name, so never one of a list of names
    rf"^\W*[Aa]vec\s++(?:l'|les\s++)?(?:agences?|{_AGENCY})(?:\s++et\s++(?:agences?|{_AGENCY}))?\W*$"
    r"|^[A-Z]{2,4}(?:/[A-Z]{2,6})+$"
    r"|^\W*(?:(?i:e-?mail|courriel|contact)\s*+:\s*+)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+\W*$"
    r"|^(?:www\.)?[\w-]{3,30}\.(?:net|com|org|info|africa|sn|ci|bf|ml|tg|bj|cm|ga|cd|cg|gn|ne|mr|ma|dz|tn|mg)$"
)

# Where dispatches are written; the known places are of a later room.
_PLACES = (
    "Abidjan|Abuja|Accra|Addis[- ]Abeba|Agadez|Alger|Algérie|Antananarivo|Bamako|Bangui|Banjul|Barcelone|Bata|"
    "Bénin|Berlin|Bissau|Bobo[- ]Dioulasso|Bouaké|Brazzaville|Bruxelles|Bujumbura|Burkina(?: Faso)?|Burundi|"
    "Cameroun|Casablanca|Centrafrique|Comores|Conakry|Congo|Cotonou|Côte d'Ivoire|Dakar|Diamniadio|Djibouti|"
    "Douala|Dubaï|Gabon|Genève|Gitega|Goma|Guinée(?:[- ]Bissau)?|Johannesburg|Kaolack|Kigali|Kinshasa|Lagos|"
    "Le Caire|Libreville|Lomé|Londres|Lubumbashi|Madagascar|Malabo|Mali|Maroc|Marrakech|Mauritanie|Moroni|"
    "Nairobi|N'Djamena|N'Djaména|New York|Niamey|Niger|Nouakchott|Oran|Ouagadougou|Paris|Pékin|Pointe[- ]Noire|"
    "Porto[- ]Novo|Praia|Pretoria|Rabat|RDC|Rwanda|Saint[- ]Louis|Sénégal|Tanger|Tchad|Thiès|Togo|Tripoli|Tunis|"
    "Tunisie|Washington|Yamoussoukro|Yaoundé|Ziguinchor"
)
_CITY = rf"{_CAPITALISED}(?:\s++(?:(?:de|du|la|le)\s++)?{_CAPITALISED}){{0,3}}"
_DATELINE_DAY = (
    rf"(?:(?i:le)\s++)?(?:(?i:{_WEEKDAY})\s++)?"
    r"(?:\d{1,2}(?:er)?\s++(?i:janv?|févr?|fevr?|mars|avr|mai|juin|juil|août|aout|sept?|oct|nov|déc|dec)[a-zé]*\.?"
    r"(?:\s++(?:19|20)\d\d)?|\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d)"
)
_DATELINE_AGENCY = r"[(\[]\s*+(?P<{name}>[A-ZÀ-Ý][^()\[\]\n]{{1,40}}?)\s*+[)\]]"
_NO_TOPIC = rf"(?!(?i:{_PLACES})\b|[^.]{{0,40}}\s:)"  # « Mali - Niger : la fibre relie les deux pays »
_DASH = r"\s*+[.,:]?\s*+[-–—]+\s*+"
_DATELINE = re.compile(
    rf"\s*+(?:{_CITY}\s*+,?\s*+(?:\((?i:{_PLACES})\)\s*+)?(?:,?\s*+{_DATELINE_DAY}\s*+,?\s*+(?:{_DATELINE_AGENCY.format(name='a')})?"
    rf"|\((?P<b>{_AGENCY})\)){_DASH}"
    rf"|(?i:{_PLACES})\s*+,?\s*+{_DATELINE_AGENCY.format(name='f')}{_DASH}"
    rf"|{_DATELINE_AGENCY.format(name='c')}{_DASH}"
    rf"|(?i:{_PLACES})\s*+[-–—]+\s++{_NO_TOPIC}"
    rf"|(?P<d>{_AGENCY})\s*+[-–—]+\s*+{_NO_TOPIC}"
    rf"|(?P<e>{_AGENCY})\s?[-–—/]\s?{_CITY}\s*+\((?i:{_PLACES})\)\s*+(?:[-–—]\s*+)?"
    rf"|[Pp]ar\s++{_NAME}\s++[-–—]\s++)"
    r"(?=[\"'«(]*\s*+(?:[A-ZÀ-Ý]|\d(?!\d?(?:er)?\s++(?:janv|f[ée]vr|mars|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c))))"
)
_NO_AGENCY = re.compile(
    rf"(?:{_PLACES})$|(?:tribune|opinion|interview|entretien|vidéo|exclusif|exclusivité|analyse|reportage|enquête|dossier|"
    r"portrait|éditorial|édito|chronique|billet|communiqué|urgent|officiel|publi[- ]?reportage|mis à jour|photos?)\b",
    re.IGNORECASE,
)
_DATELINE_LINES = 3  # within so many lines an article begins


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where and when an article came out, as one of its lines says."""

    source: str | None
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class Dateline:
    """What an article opens with before its first sentence, « Dakar, 3 mars 2025 (APS) - », and what that tells."""

    end: int
    origin: Provenance


def furniture_spans(text: str) -> list[tuple[int, int]]:
    """Give the lines of a text that stand in the article without being a part of it."""
    lines = [match.span() for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    return [
        (start, end)
        for number, (start, end) in enumerate(lines)
        if _is_furniture_at(text[start:end], number, len(lines))
    ]


def is_furniture(line: str) -> bool:
    """Say whether `line` is an insert, a caption or, where one may stand, a byline."""
    return is_insert(line) or is_caption(line) or is_byline(line)


def _is_furniture_at(line: str, number: int, count: int) -> bool:
    """Say whether the line of this number among `count` is furniture; an author is named at either end only."""
    is_at_edge = number < _EDGE_LINES or number >= count - _EDGE_LINES
    return is_insert(line) or is_caption(line) or (is_at_edge and is_byline(line))


def is_insert(line: str) -> bool:
    """Say whether `line` is a link, a notice or a button set into the article (« Lire aussi | … »)."""
    plain = _plain(line)
    return bool(_INSERT.match(plain) or _LINK_HEADING.match(plain))


def is_caption(line: str) -> bool:
    """Say whether `line` is a picture's caption or credit."""
    return bool(_CAPTION.match(_plain(line)))


def is_byline(line: str) -> bool:
    """Say whether `line` names the author, with the date or not, and nothing else (« Par Awa Diop »)."""
    plain = _plain(line)
    return bool(_BYLINE.match(plain) or _DATED_BYLINE.match(plain))


def origin_line(line: str) -> Provenance | None:
    """Read a line that says nothing but where or when the article came out."""
    if found := source_line(line) or publication_line(line):
        return found
    if is_date_line(line) or _DATED_BYLINE.match(_plain(line)):
        return Provenance(None, find_date(line))
    return None


def is_end(line: str) -> bool:
    """Say whether `line` heads what follows an article: comments, related articles, feeds."""
    return bool(_END.match(_plain(line)))


def is_date_line(line: str) -> bool:
    """Say whether `line` holds a date and nothing else."""
    return bool(_DATE_LINE.match(_plain(line)))


def source_line(line: str) -> Provenance | None:
    """Read « (Source : APAnews, 2 juillet 2025) »."""
    return _provenance(_SOURCE, line)


def publication_line(line: str) -> Provenance | None:
    """Read « Publié dans Challenge le 01 - 07 - 2025 »."""
    found = _provenance(_PUBLISHED, line)
    return found if found and found.date else None


def read_dateline(line: str) -> Dateline | None:
    """Read the dateline that the (normalised) line opens with, if there is one; it ends where the sentence begins."""
    match = _DATELINE.match(line[:_MAX_CHARS])
    if match is None:
        return None
    agency = next((match[name] for name in "abcdef" if match[name]), None)
    source = agency if agency and not _NO_AGENCY.match(agency) else None
    return Dateline(match.end(), Provenance(source, find_date(match.group())))


def dateline_span(text: str) -> tuple[int, int] | None:
    """Give where the dateline of a normalised text stands, in one of its first lines."""
    for match in islice(re.finditer(r"[^\n]*\S[^\n]*", text), _DATELINE_LINES):
        if found := read_dateline(match.group()):
            return match.start(), match.start() + found.end
    return None


def dateline_origin(body: Sequence[str]) -> Provenance:
    """Give what the dateline at the beginning of the paragraphs tells, which is less sure than any other line."""
    for line in body[:_DATELINE_LINES]:
        if found := read_dateline(_plain(line)):
            return found.origin
    return Provenance(None, None)


def split_body(lines: Iterable[str]) -> tuple[list[str], Provenance]:
    """Part the lines of an article into its paragraphs and what others say of its origin.

    Furniture is left out, so is a signature at either end, and all that follows a heading such as
    « Commentaires ».
    """
    body: list[str] = []
    source, date = None, None
    lines = list(filter(str.strip, lines))
    end = _end(lines)
    for number, line in enumerate(lines[:end]):
        if found := origin_line(line):
            source, date = source or found.source, date or found.date
        elif not _is_furniture_at(line, number, end):
            body.append(line)
    while len(body) > 1 and _is_signed(body):
        body.pop()
    if len(body) > 1 and _is_signature(body[0]):
        body.pop(0)
    return body, Provenance(source, date)


def _end(lines: Sequence[str]) -> int:
    """Give the number of the line that heads what follows the article, or of all lines."""
    begun = False
    for number, line in enumerate(lines):
        if begun and is_end(line):
            return number
        begun = begun or not (is_furniture(line) or origin_line(line))
    return len(lines)


def _is_signed(body: Sequence[str]) -> bool:
    """Say whether the last of several lines is a signature; of names in a row none is, they are a list."""
    if _SURE_SIGNATURE.match(_plain(body[-1])):
        return True
    if not _is_signature(body[-1]) or body[-2].rstrip().endswith((":", ";", ",")):
        return False
    return len(body) == 2 or not _is_signature(body[-2])  # noqa: PLR2004


def _is_signature(line: str) -> bool:
    return bool(_SIGNATURE.match(_plain(line)))


def _provenance(pattern: re.Pattern[str], line: str) -> Provenance | None:
    match = pattern.match(_plain(line))
    if match is None:
        return None
    return Provenance(match["source"], find_date(match["date"] or ""))


def _plain(line: str) -> str:
    return _normalised(line.strip()[:_MAX_CHARS])


@lru_cache(maxsize=1024)  # one line is asked about by every function here
def _normalised(line: str) -> str:
    return normalise(line).text
