from collections.abc import Mapping, Sequence
from uuid import UUID

from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    name = "rongtong.features"
    label = "features"

    def ready(self) -> None:
        from rongtong.attest.facade import register_evidence

        register_evidence("portrait", _load_portraits)


def _load_portraits(ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    from rongtong.features.queries import portrait_evidence  # brings DuckDB and Iceberg with it: only when asked for

    return portrait_evidence(ids)
