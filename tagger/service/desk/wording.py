"""The French of the desk: names of kinds, dates, messages for problems and warnings, lines of the history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from tagger.article import EntityType, Warning
from tagger.errors import TaggerError
from tagger.feedback import decision_kinds as kinds
from tagger.feedback.decision_kinds import Decision, Place

TYPES: dict[EntityType, str] = {"PER": "Personne", "ORG": "Institution", "COUNTRY": "Pays", "LOC": "Lieu"}
TYPES_PLURAL: dict[EntityType, str] = {"PER": "Personnes", "ORG": "Institutions", "COUNTRY": "Pays", "LOC": "Lieux"}
ROLES = {"editor": "Rédaction", "administrator": "Administration"}
ORIGINS = {"desk": "Bureau", "retag": "Réindexation", "annif": "Annif"}

_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
NBSP = "\N{NO-BREAK SPACE}"
_LEAST_PERCENT = 0.005

_PROBLEMS = {
    "binary-data": "Ce fichier n’est pas un article : c’est une image, un PDF ou une archive. Copiez-en le texte.",
    "body-too-large": "L’article est trop gros pour être envoyé. Envoyez-en le texte seul.",
    "broken-json": "Ce fichier JSON ne peut pas être lu. Vérifiez qu’il contient un seul article.",
    "decision-refused": "Un de vos changements ne correspond plus à l’article ; rien n’a été enregistré.",
    "edit-conflict": "Cet article a été modifié depuis que vous l’avez ouvert ; rien n’a été écrasé.",
    "empty-text": "Il n’y a pas de texte à annoter. Collez l’article, ou choisissez un fichier.",
    "forged-request": "Cette demande ne vient pas d’une page ouverte du bureau. Rechargez la page et recommencez.",
    "invalid-encoding": "L’encodage de ce fichier ne peut pas être lu. Enregistrez-le en UTF-8.",
    "invalid-record": "Ce JSON n’est pas un seul article : il lui faut un « title » et un « text ».",
    "invalid-request": "L’adresse ou la demande n’est pas comprise. Revenez à la page précédente et recommencez.",
    "login-needed": "Votre session est close. Reconnectez-vous.",
    "login-refused": "Le nom ou le mot de passe est inexact.",
    "login-throttled": "Trop d’essais manqués. Patientez quelques minutes avant de recommencer.",
    "model-unusable": "Les modèles ne peuvent pas être utilisés. Prévenez l’administration.",
    "no-such-page": "Il n’y a rien à cette adresse.",
    "not-allowed": "Cette page est réservée à l’administration.",
    "no-letters": "Ce texte ne contient aucun mot.",
    "not-ready": "Les modèles se chargent. Réessayez dans une minute.",
    "queue-full": "Le service est très occupé. Réessayez dans quelques secondes.",
    "request-timeout": "La lecture de l’article a pris trop de temps. Réessayez, ou envoyez un texte plus court.",
    "store-unavailable": "La base de données ne répond pas pour l’instant. Rien n’est perdu ici ; réessayez bientôt.",
    "text-too-long": "Ce texte est trop long pour un seul article.",
    "unknown-article": "Cet article n’existe pas, ou a été effacé.",
    "unreadable-page": "Cette page ne peut pas être lue. Ouvrez-la et collez-en le texte ici.",
    "unsupported-format": "Ce format n’est pas lu. Collez-en le texte, ou choisissez un .txt, .html ou .json.",
    "worker-lost": "La lecture de l’article s’est interrompue. Réessayez.",
}
_OTHER_PROBLEM = "Une erreur est survenue dans le service ; son journal en dit plus. Prévenez l’administration."
_WARNINGS = {
    "not-french": "L’article n’est pas en français : les propositions sont peu sûres.",
    "unknown-language": "Le texte est trop court pour en reconnaître la langue.",
    "foreign-paragraph": "Un passage est dans une autre langue ; le chapô ne l’utilise pas.",
    "fast-profile": "Le modèle complet n’est pas disponible : le modèle rapide a répondu.",
    "no-keyword": "Aucun mot-clé n’est assez probable pour être proposé.",
    "no-lead": "Aucune phrase ne convient comme chapô.",
    "lead-cut": "Toutes les phrases sont trop longues : le chapô proposé est coupé.",
    "lead-repaired": "Le chapô écrit par le modèle de langue a été raccourci : tout n’était pas dans l’article.",
    "lead-replaced": "Le chapô écrit par le modèle de langue n’était pas fidèle : il a été remplacé.",
    "lead-late": "Le modèle de langue a tardé : le chapô est fait des phrases de l’article.",
}


def problem(error: TaggerError) -> str:
    """Say in French what is wrong and what to do."""
    return _PROBLEMS.get(error.code, _OTHER_PROBLEM)


def warning(given: Warning) -> str:
    """Say a warning in French."""
    return _WARNINGS.get(given.code, given.message)


def decision(  # noqa: PLR0911, PLR0912
    given: Decision, keyword_names: Mapping[str, str], words_at: Callable[[Place], str]
) -> str:
    """Say what was decided, as a line of the history; `words_at` gives the words of the article at a place."""

    def named(keyword_id: str) -> str:
        return quoted(keyword_names.get(keyword_id, keyword_id))

    match given:
        case kinds.KeywordAccepted():
            return f"a accepté le mot-clé {named(given.keyword_id)}"
        case kinds.KeywordRejected():
            return f"a refusé le mot-clé {named(given.keyword_id)}"
        case kinds.KeywordAdded():
            return f"a ajouté le mot-clé {quoted(given.keyword)}"
        case kinds.PrimaryChosen():
            return f"a choisi le mot-clé principal {named(given.keyword_id)}"
        case kinds.EntityRetyped():
            return f"a changé le genre de {quoted(words_at(given.mention))} en {quoted(TYPES[given.type])}"
        case kinds.EntityRenamed():
            return f"a renommé {quoted(words_at(given.mention))} en {quoted(given.name)}"
        case kinds.EntityMerged():
            return f"a réuni {quoted(words_at(given.mention))} et {quoted(words_at(given.into))}"
        case kinds.EntitySplit():
            return f"a séparé {quoted(given.name)} d’une autre entité"
        case kinds.EntityRemoved():
            return f"a retiré l’entité {quoted(words_at(given.mention))}"
        case kinds.EntityAdded():
            return f"a ajouté l’entité {quoted(given.name)}"
        case kinds.LeadEdited():
            return f"a modifié le chapô{NBSP}: {quoted(given.text)}" if given.text else "a vidé le chapô"
        case kinds.Reviewed():
            return "a validé la relecture"
        case kinds.Reopened():
            return "a remis l’article à relire"


def quoted(text: str) -> str:
    """Put a text between French quotation marks."""
    return f"«{NBSP}{text}{NBSP}»"


def typographic(text: str) -> str:
    """Write apostrophes as print does."""
    return text.replace("'", "’")


def percent(share: float) -> str:
    """Write a share of one as a percentage; what is little is not nothing, and what is likely is not certain."""
    if 0 < share < _LEAST_PERCENT:
        return f"<{NBSP}1{NBSP}%"
    return f"{min(share * 100, 99) if share < 1 else 100:.0f}{NBSP}%"


def decimal(value: float, digits: int = 2) -> str:
    """Write a number with a decimal comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def day(date: dt.date) -> str:
    """Write a date."""
    number = "1er" if date.day == 1 else str(date.day)
    return f"{number}{NBSP}{_MONTHS[date.month - 1]} {date.year}"


def moment(at: dt.datetime) -> str:
    """Write a moment in the server's time zone."""
    local = at.astimezone()
    return f"le {day(local.date())} à {local.hour}{NBSP}h{NBSP}{local.minute:02}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{count}{NBSP}{one if count < 2 else many or one + 's'}"  # noqa: PLR2004 - French: 1,9 is singular


def shortened(text: str, most: int) -> str:
    """Cut a text at a space so that it has at most `most` characters."""
    if len(text) <= most:
        return text
    return text[: text.rfind(" ", 0, most - 1) if " " in text[: most - 1] else most - 1].rstrip(" ,;:") + "…"
