"""Two firms that people and keys belong to."""

import pytest

from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from tests.integration.parties.kit import ACTOR, AT, draft


@pytest.fixture
def firms(db):
    with as_platform():
        return parties.register_enterprises(drafts=[draft("A", "set"), draft("B", "set")], actor=ACTOR, at=AT)
