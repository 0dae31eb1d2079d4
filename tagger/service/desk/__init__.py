"""The editors' desk: French pages on which articles are annotated, corrected, reviewed and found again."""

from tagger.service.desk.application import add_desk
from tagger.service.desk.routing import Desk

__all__ = ["Desk", "add_desk"]
