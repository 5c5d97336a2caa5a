"""The shipped pack as the catalogue in memory."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import services.factors
from services.factors.domain.catalogue import Catalogue, StoredFactor, make_catalogue
from tests.whole_pack import Pack, read_pack

PACK = Path(services.factors.__file__).parent / "pack"


@pytest.fixture(scope="session")
def pack() -> Pack:
    return read_pack(PACK)


@pytest.fixture(scope="session")
def catalogue(pack: Pack) -> Catalogue:
    return catalogue_of(pack)


def catalogue_of(pack: Pack) -> Catalogue:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return make_catalogue(
        {dataset.id: dataset for dataset in pack.datasets},
        {activity_type.id: activity_type for activity_type in pack.activity_types},
        [StoredFactor(factor, "published", None, 1, now) for factor in pack.factors],
        pack.properties,
        {},
    )
