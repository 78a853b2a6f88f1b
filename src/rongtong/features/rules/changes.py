"""What differs between two portraits of an enterprise."""

from __future__ import annotations

from collections.abc import Mapping

from rongtong.features.contracts import (
    DimensionChange,
    FeatureChange,
    FeatureDefinition,
    Portrait,
    PortraitChange,
)


def changes(
    portrait: Portrait, previous: Portrait | None, definitions: Mapping[str, FeatureDefinition]
) -> PortraitChange:
    """Dimensions and features that differ: dimensions by the size of the move, features in the order of the catalogue."""
    before_scores = {one.code: one.score for one in previous.dimensions} if previous else {}
    before_values = previous.values if previous else {}
    moved = [
        DimensionChange(
            code=one.code,
            title_en=one.title_en,
            title_zh=one.title_zh,
            before=before_scores.get(one.code),
            after=one.score,
        )
        for one in portrait.dimensions
        if previous is not None and before_scores.get(one.code) != one.score
    ]
    return PortraitChange(
        portrait_id=portrait.id,
        previous_id=previous.id if previous else None,
        previous_as_of=previous.as_of if previous else None,
        dimensions=tuple(sorted(moved, key=_move, reverse=True)),
        features=tuple(
            FeatureChange(
                feature=name,
                title_en=definition.title_en,
                title_zh=definition.title_zh,
                before=before_values.get(name),
                after=portrait.values.get(name),
            )
            for name, definition in definitions.items()
            if previous is not None and before_values.get(name) != portrait.values.get(name)
        ),
    )


def _move(change: DimensionChange) -> int:
    """How far a score moved; appearing or vanishing counts as its whole height."""
    return abs((change.after or 0) - (change.before or 0))
