"""Requests made up from the OpenAPI document, good and bad ones: the running service answers as the document says.

    TAGGER_TEST_EXAMPLES=100 pytest tests/test_api_schema.py

makes up so many for each address, instead of a few.
"""

from __future__ import annotations

import os
import re

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

EXAMPLES = int(os.environ.get("TAGGER_TEST_EXAMPLES", "4"))
SECONDS = 120  # the models are loaded anew among the rest
TAKES_TEXT = re.compile("annotate|suggest|learn|jobs")  # no schema says that a text must have words and be no PDF
TEXTS = ("text/plain", "text/html", "application/x-ndjson")
PHASES = (Phase.explicit, Phase.generate)  # the shortest request that fails takes too long to find


@schemathesis.serializer(*TEXTS)
def as_text(_: object, value: object) -> bytes:
    return str(value).encode("utf-8", "replace")


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
def test_every_address_answers_as_the_document_says(service: httpx.Client, mode: GenerationMode) -> None:
    address = str(service.base_url)
    document = schemathesis.openapi.from_url(f"{address}/openapi.json")
    tried, failures = 0, []
    for found in document.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        )
        def answers_as_documented(case: schemathesis.Case) -> None:
            nonlocal tried
            tried += 1
            assume(
                case.media_type not in TEXTS or isinstance(case.body, str)
            )  # what else would be wrong with a text?
            left_out = [ignored_auth]  # a program on the same machine needs no key: test_service tries the others
            if TAKES_TEXT.search(case.path):
                left_out.append(positive_data_acceptance)
            case.call_and_validate(base_url=address, timeout=SECONDS, excluded_checks=left_out)

        try:
            answers_as_documented()
        except Unsatisfiable:  # nothing can be wrong in a request that has no parameters
            continue
        except FailureGroup as error:
            failures.append("\n".join([operation.label, *map(str, error.exceptions)]))
    assert not failures, "\n\n".join(failures)
    assert tried >= 20
