"""The vocabulary as SKOS in Turtle, and any SKOS file in Turtle as keywords.

What SKOS has no term for, the place in the file, the order of labels and the archive's counts, stands under terms of
our own, so that a vocabulary comes back from its file as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rdflib import RDF, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS, OWL
from rdflib.term import Node

from tagger.errors import VocabularyError
from tagger.keywords.incoming import BASE_URI, Incoming, free_slug, id_of, uri_of
from tagger.keywords.vocabulary import Keyword, Vocabulary, fold, slug

_TERMS = f"{BASE_URI}terms#"
_POSITION = URIRef(_TERMS + "position")
_ARCHIVE_COUNT = URIRef(_TERMS + "archiveCount")
_SYNONYMS = URIRef(_TERMS + "synonyms")
_FORMER_NAMES = URIRef(_TERMS + "formerNames")
_SCHEME = URIRef(BASE_URI)
_TITLE = "Vocabulaire OSIRIS"
_GROUPS = "groupes/"
_FRENCH = ("fr", "fr-", "")
_SILENCE: dict[str, Any] = {
    "group": "",
    "definition": "",
    "synonyms": (),
    "archive_count": 0,
    "status": "active",
    "replaced_by": None,
    "former_names": (),
}
_CONTROL_CHARACTERS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")


def write_skos(vocabulary: Vocabulary) -> str:
    """Write the whole vocabulary, retired keywords too, as SKOS in Turtle."""
    graph = Graph()
    graph.bind("osiris", _TERMS)
    graph.add((_SCHEME, RDF.type, SKOS.ConceptScheme))
    graph.add((_SCHEME, DCTERMS.title, _french(_TITLE)))
    for position, keyword in enumerate(vocabulary, 1):
        for property, value in _statements(graph, keyword, position):
            graph.add((_concept(keyword.id), property, value))
    _add_groups(graph, vocabulary)
    return graph.serialize(format="turtle")


def _statements(graph: Graph, keyword: Keyword, position: int) -> Iterator[tuple[URIRef, Node]]:
    """Give what is said of a keyword; in SKOS no label of a concept is of two kinds."""
    yield RDF.type, SKOS.Concept
    yield SKOS.inScheme, _SCHEME
    yield SKOS.topConceptOf, _SCHEME
    yield SKOS.notation, Literal(keyword.id)
    yield SKOS.prefLabel, _french(keyword.name)
    for synonym in set(keyword.synonyms) - {keyword.name}:
        yield SKOS.altLabel, _french(synonym)
    for former in set(keyword.former_names) - {keyword.name, *keyword.synonyms}:
        yield SKOS.hiddenLabel, _french(former)
    if keyword.definition:
        yield SKOS.definition, _french(keyword.definition)
    if keyword.status == "retired":
        yield OWL.deprecated, Literal(True)
    if keyword.replaced_by:
        yield DCTERMS.isReplacedBy, _concept(keyword.replaced_by)
    yield _POSITION, Literal(position)
    yield _ARCHIVE_COUNT, Literal(keyword.archive_count)
    for property, labels in ((_SYNONYMS, keyword.synonyms), (_FORMER_NAMES, keyword.former_names)):
        if labels:
            yield property, Collection(graph, BNode(), [_french(label) for label in labels]).uri


def _add_groups(graph: Graph, vocabulary: Vocabulary) -> None:
    """Make each group a collection with the concepts of its keywords."""
    collections: dict[str, URIRef] = {}
    taken: set[str] = set()
    for keyword in vocabulary:
        if keyword.group and keyword.group not in collections:
            name = free_slug(keyword.group, "groupe", (taken,))
            taken.add(name)
            collections[keyword.group] = URIRef(f"{BASE_URI}{_GROUPS}{name}")
            graph.add((collections[keyword.group], RDF.type, SKOS.Collection))
            graph.add((collections[keyword.group], SKOS.prefLabel, _french(keyword.group)))
        if keyword.group:
            graph.add((collections[keyword.group], SKOS.member, _concept(keyword.id)))


def _concept(id: str) -> URIRef:
    return URIRef(uri_of(id))


def _french(text: str) -> Literal:
    return Literal(text, lang="fr")


def read_skos(text: str) -> list[Incoming]:
    """Read the concepts of a SKOS file in Turtle, ours or another's, in the order of our own files or of their names.

    Labels and definitions are taken in French, or without a language. A concept without such a label has no name.

    Raises:
        VocabularyError: the text is not Turtle, or has no concept.
    """
    graph = Graph()
    try:
        graph.parse(data=text, format="turtle", publicID=BASE_URI)
    except Exception as error:  # rdflib's parser fails in many ways, a bare assertion among them
        what = " ".join(str(error).split(" at ^")[0].split())
        raise VocabularyError(f"The file is not Turtle: {what}.") from None
    concepts = [(_place(graph, node), _incoming(graph, node)) for node in set(graph.subjects(RDF.type, SKOS.Concept))]
    if not concepts:
        raise VocabularyError("The file has no skos:Concept.")
    concepts.sort(key=lambda concept: (concept[0], fold(concept[1].name or ""), concept[1].uri))
    return [incoming for _, incoming in concepts]


def _place(graph: Graph, concept: Node) -> float:
    """Give the place of a concept in our own file; concepts of other files come after."""
    place = graph.value(concept, _POSITION, any=True)
    return place.value if isinstance(place, Literal) and isinstance(place.value, int) else float("inf")


def _incoming(graph: Graph, concept: Node) -> Incoming:
    notations = sorted(map(str, graph.objects(concept, SKOS.notation)))
    id = slug(notations[0]) if notations else id_of(str(concept))
    names = _texts(graph, concept, SKOS.prefLabel) or _texts(graph, concept, SKOS.altLabel)
    name = names[0] if names else None
    said = {field: value for field, value in _said(graph, concept, name).items() if value}
    if (concept, _POSITION, None) in graph:  # our own file says all that there is to say
        said = _SILENCE | said
    return Incoming(str(concept), id or None, name, said)


def _said(graph: Graph, concept: Node, name: str | None) -> dict[str, Any]:
    """Give the fields of a keyword; those that the file does not speak of are empty."""
    own_name = [name] if name else []
    further = [label for label in _texts(graph, concept, SKOS.altLabel) if label != name]
    hidden = _texts(graph, concept, SKOS.hiddenLabel)
    successors = sorted(map(str, graph.objects(concept, DCTERMS.isReplacedBy)))
    is_deprecated = any(str(value) in ("true", "1") for value in graph.objects(concept, OWL.deprecated))
    count = graph.value(concept, _ARCHIVE_COUNT, any=True)
    return {
        "group": _group(graph, concept),
        "definition": next(
            iter(_texts(graph, concept, SKOS.definition) or _texts(graph, concept, SKOS.scopeNote)), ""
        ),
        "synonyms": _in_order(graph, concept, _SYNONYMS, further, own_name),
        "archive_count": count.value if isinstance(count, Literal) else None,
        "status": "retired" if is_deprecated or successors else None,
        "replaced_by": successors[0] if successors else None,
        "former_names": _in_order(graph, concept, _FORMER_NAMES, hidden, [*own_name, *further]),
    }


def _group(graph: Graph, concept: Node) -> str:
    """Give the name of the collection that has the concept, or else of the broader concept."""
    collections = sorted(graph.subjects(SKOS.member, concept), key=str)
    broader = sorted({*graph.objects(concept, SKOS.broader), *graph.subjects(SKOS.narrower, concept)}, key=str)
    return next((texts[0] for node in (*collections, *broader) if (texts := _texts(graph, node, SKOS.prefLabel))), "")


def _in_order(
    graph: Graph, concept: Node, property: URIRef, labels: Sequence[str], also: Sequence[str]
) -> tuple[str, ...]:
    """Give the labels in the order of our own list, if the file has one.

    A label of the list counts only where the concept still has it; those of `also` are such as the concept has as a
    label of another kind, and SKOS lets no label be of two.
    """
    list_ = graph.value(concept, property, any=True)
    ordered = [str(item) for item in Collection(graph, list_)] if list_ is not None else []
    kept = [label for label in ordered if label in labels or label in also]
    return (*kept, *(label for label in labels if label not in kept))


def _texts(graph: Graph, subject: Node, property: URIRef) -> list[str]:
    """Give the texts in French, then those of French-speaking countries, then those without a language."""
    found = [value for value in graph.objects(subject, property) if isinstance(value, Literal)]
    ranked = sorted(
        (_FRENCH.index(language), str(value)) for value in found if (language := _language(value)) in _FRENCH
    )
    texts = (_CONTROL_CHARACTERS.sub(" ", text).strip() for _, text in ranked)
    return list(dict.fromkeys(filter(None, texts)))


def _language(value: Literal) -> str:
    language = (value.language or "").lower()
    return "fr-" if language.startswith("fr-") else language
