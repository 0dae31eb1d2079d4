"""Examples for the OpenAPI document: a brief of our own, in every form that the service takes."""

from __future__ import annotations

import json
from typing import Any

from tagger.reading import Record

TITLE = "Le Sénégal ouvre un centre de formation à l'intelligence artificielle"
TEXT = (
    "Le ministre Alioune Sall a inauguré mardi à Diamniadio un centre de formation à l'intelligence artificielle. "
    "L'Université numérique Cheikh Hamidou Kane (UN-CHK) y formera mille étudiants par an.\n\n"
    "La Commission de protection des données personnelles (CDP) veillera à l'usage des données."
)
RECORD = {"id": "exemple-1", "title": TITLE, "text": TEXT, "date": "2025-07-02"}
HTML = f"<html><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>" + "".join(
    f"<p>{paragraph}</p>" for paragraph in TEXT.split("\n\n")
)
RECORD_SCHEMA: dict[str, Any] = Record.model_json_schema()
_BATCH = [RECORD, {"id": "exemple-2", "title": "Sans texte", "text": ""}]
_NO_RECORD = {"description": "Anything else is no record: it is answered with an error in its place."}


def article_body(record_schema: dict[str, Any]) -> dict[str, Any]:
    """Describe the body of an annotation request."""
    return {
        "required": True,
        "content": {
            "application/json": {"schema": record_schema, "example": RECORD},
            "text/html": {"schema": {"type": "string"}, "example": HTML},
            "text/plain": {"schema": {"type": "string"}, "example": f"{TITLE}\n\n{TEXT}"},
        },
    }


def batch_body(record_schema: dict[str, Any]) -> dict[str, Any]:
    """Describe the body of a batch request."""
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": {"anyOf": [record_schema, _NO_RECORD]}},
                "example": _BATCH,
            },
            "application/x-ndjson": {"schema": {"type": "string"}, "example": "\n".join(map(json.dumps, _BATCH))},
        },
    }
