from collections.abc import Mapping, Sequence
from uuid import UUID

from django.apps import AppConfig

from rongtong.core.frozen_columns import Versions


class FeaturesConfig(AppConfig):
    name = "rongtong.features"
    label = "features"

    def ready(self) -> None:
        from rongtong.attest.facade import register_evidence
        from rongtong.features.models import PORTRAIT_COLUMNS

        register_evidence("portrait", _load_portraits, PORTRAIT_COLUMNS)


def _load_portraits(ids: Sequence[UUID], versions: Versions) -> Mapping[UUID, bytes]:
    from rongtong.features.queries import portrait_evidence  # brings DuckDB and Iceberg with it: only when asked for

    return portrait_evidence(ids, versions)
