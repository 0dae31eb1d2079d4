"""What all tests share: one loaded annotator, our own sample files, and the folder of shared data if there is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tagger import Annotator

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def annotator() -> Annotator:
    return Annotator.load()


@pytest.fixture(scope="session")
def data() -> Path:
    return Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def examples() -> Path:
    return ROOT / "examples"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of third-party texts that may not be copied into the project."""
    folder = os.environ.get("TAGGER_TEST_DATA")
    if not folder:
        pytest.skip("TAGGER_TEST_DATA is unset: the third-party texts are not at hand")
    return Path(folder)
