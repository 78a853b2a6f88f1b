"""The published catalogue is complete, and its expressions stay within what records hold and Spark can run."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import ibis
import pyarrow as pa
import pytest
from ibis.config import Config, options

from rongtong.features.adapters.engine import expression, schema
from rongtong.features.definitions import catalogue as published
from rongtong.features.definitions.series import FLOWS, LEVELS, SERIES
from rongtong.features.definitions.tables import ITEMS
from rongtong.records.contracts import RECORD_SCHEMAS, SourceKind

FEATURES = {one.name: one for one in published.catalogue()}
PREFIXES = {
    "inv": "invoices",
    "tax": "tax",
    "soc": "social_insurance",
    "pow": "electricity",
    "bnk": "bank_flows",
    "reg": "registration",
    "crt": "courts",
    "nws": "news",
}


class _Spark(Config):
    treat_nan_as_null: bool = False


@pytest.fixture
def spark() -> Iterator[None]:
    """What the Spark backend would set on connecting: compiling needs it, a cluster it does not."""
    options.pyspark = _Spark()
    yield
    options.pyspark = None


class TestCatalogue:
    def test_has_fifty_features_each_once(self) -> None:
        assert len(FEATURES) == len(published.catalogue()) == 51

    def test_is_what_the_queries_compute(self) -> None:
        computed = [
            name for group in published.GROUPS for name in expression("features", group).columns if name != "ordinal"
        ]
        assert sorted(computed) == sorted(FEATURES)

    @pytest.mark.parametrize("name", sorted(FEATURES))
    def test_names_the_source_by_its_prefix_and_says_all(self, name: str) -> None:
        one = FEATURES[name]
        assert PREFIXES[name.split("_", maxsplit=1)[0]] == one.source_item
        assert one.title_en
        assert one.title_zh
        assert one.formula
        assert one.unit in {"fen", "ratio", "count", "months", "days", "points", "flag"}
        assert name.endswith("_fen") == (one.unit == "fen")

    @pytest.mark.parametrize("name", sorted(FEATURES))
    def test_tells_the_records_behind_each_feature(self, name: str) -> None:
        one = FEATURES[name]
        assert set(published.EVIDENCE[name]) == {one.source_item, *one.also_reads}

    def test_never_makes_a_feature_of_a_rating(self) -> None:
        assert not [name for name in FEATURES if "rating" in name]


class TestTables:
    @pytest.mark.parametrize("item", sorted(ITEMS))
    def test_are_columns_that_records_hold(self, item: str) -> None:
        held = RECORD_SCHEMAS[SourceKind(item)]
        for field in schema(item):
            assert held.field(field.name).type == field.type

    def test_have_no_amount_as_float(self) -> None:
        for item in ITEMS:
            assert not [field.name for field in schema(item) if pa.types.is_floating(field.type)]


class TestExpressions:
    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            *(("features", group) for group in published.GROUPS),
            ("usage", "all"),
            *(("series", item) for item in SERIES),
            *(("evidence", f"{name}/{item}") for name, items in published.EVIDENCE.items() for item in items),
        ],
    )
    def test_compile_for_spark_too(self, spark: None, kind: str, name: str) -> None:
        sql = str(ibis.to_sql(expression(kind, name), dialect="pyspark"))
        assert "ASOF" not in sql.upper()

    def test_read_records_through_one_door_only(self) -> None:
        """Each module lays its rows over the subjects by `dated`, which lets no later record through."""
        for module in {inspect.getmodule(lines) for lines in published.LINES.values()}:
            assert module is not None
            assert inspect.getsource(module).count("dated(") == 1, module.__name__

    def test_name_their_series_as_flows_or_levels(self) -> None:
        named = {
            name for item in SERIES for name in expression("series", item).columns if name not in {"ordinal", "back"}
        }
        assert named == {*FLOWS, *LEVELS}
