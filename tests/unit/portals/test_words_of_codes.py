"""Where a word belongs, no code stands: regions, industries, conditions, the rulebook, deliveries."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.utils import translation

import rongtong
import rongtong.rulebook
from rongtong.matching.contracts import EligibilityRule, Operator
from rongtong.monitoring.queries import TITLES
from rongtong.portals import wording
from rongtong.portals.labels import label_of
from rongtong.portals.labels.industries import industry_name
from rongtong.portals.labels.places import place_name
from rongtong.portals.labels.rules import source_name
from rongtong.portals.templatetags import rt
from rongtong.portals.views.overdue import overdue_words

RULES = [
    rule
    for path in sorted((Path(rongtong.rulebook.__file__).parent / "data").glob("*.toml"))
    for rule in tomllib.loads(path.read_text())["rule"]
]
ENGLISH = re.compile(r"[a-z]{4,}")


class TestRulebook:
    def test_has_a_chinese_source_for_every_rule_shipped(self) -> None:
        with translation.override("zh-hans"):
            told = {rule["source"]: source_name(rule["source"]) for rule in RULES}
        assert [one for one in told.values() if ENGLISH.search(one) or "art." in one] == []

    def test_has_a_chinese_unit_for_every_rule_shipped(self) -> None:
        units = {rule["unit"] for rule in RULES if rule.get("value") not in label_values()} - {"CNY", "fen"}
        with translation.override("zh-hans"):
            words = {unit: label_of(unit, "unit") for unit in units}
        assert {unit for unit, word in words.items() if ENGLISH.search(word)} <= {"order", "kinds of lender"}

    def test_keeps_the_source_as_it_is_for_english_readers(self) -> None:
        with translation.override("en"):
            assert source_name("征信业管理条例 art. 26") == "征信业管理条例 art. 26"

    def test_writes_an_article_the_chinese_way(self) -> None:
        with translation.override("zh-hans"):
            assert source_name("征信业管理条例 art. 26") == "征信业管理条例第26条"
            assert source_name("企业会计准则第22号 art. 53-54") == "企业会计准则第22号第53条至第54条"


def label_values() -> set[str]:
    from rongtong.portals.labels import LABELS

    return set(LABELS["rule_value"])


JOBS = re.compile(r"""(?:system_actor|rules_of)\(\s*["']([a-z_.]+)["']""")
TASKS = re.compile(r"""\bname="([a-z_.]+)",""")
SOURCE = Path(rongtong.__file__).parent


class TestWhoActs:
    def test_has_a_name_for_every_job_that_acts(self) -> None:
        jobs = {name for path in SOURCE.rglob("*.py") for name in JOBS.findall(path.read_text())}
        tasks = [*SOURCE.glob("*/tasks.py"), SOURCE / "workflows" / "upkeep.py"]
        jobs |= {name for path in tasks for name in TASKS.findall(path.read_text())}
        assert {"prepare_agreement", "sequence_log"} <= jobs
        with translation.override("zh-hans"):
            assert {name for name in jobs if ENGLISH.search(label_of(name, "job"))} == set()


class TestSignals:
    def test_have_a_title_each_in_both_languages(self) -> None:
        for code in TITLES:
            with translation.override("zh-hans"):
                assert not ENGLISH.search(overdue_words("alarm_task", code))
            with translation.override("en"):
                assert "_" not in overdue_words("alarm_task", code)

    def test_are_all_that_the_rules_raise(self) -> None:
        raised = set(re.findall(r'Detected\(\s*"([a-z_]+)"', (SOURCE / "monitoring" / "rules.py").read_text()))
        assert raised
        assert raised <= set(TITLES)


class TestPlacesAndIndustries:
    @pytest.mark.parametrize(
        ("code", "chinese", "english"),
        [("330782", "浙江省金华市", "Jinhua, Zhejiang"), ("33", "浙江省", "Zhejiang"), ("510116", "四川省", "Sichuan")],
    )
    def test_have_names(self, code: str, chinese: str, english: str) -> None:
        assert place_name(code, chinese=True) == chinese
        assert place_name(code, chinese=False) == english

    def test_have_divisions_and_sections(self) -> None:
        assert industry_name("C34", chinese=True) == "通用设备制造业"
        assert industry_name("C3411", chinese=True) == "通用设备制造业"
        assert industry_name("C", chinese=True) == "制造业"

    def test_unknown_codes_stay_as_they_are(self) -> None:
        assert place_name("xx", chinese=True) == "xx"
        assert industry_name("?", chinese=True) == "?"


class TestConditionsOfAProduct:
    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            (EligibilityRule("org_region", Operator.ONE_OF, ("33",)), "浙江省"),
            (EligibilityRule("org_industry", Operator.ONE_OF, ("C", "F51")), "制造业、批发业"),
            (EligibilityRule("org_size", Operator.ONE_OF, ("micro", "small")), "微型企业、小型企业"),
            (EligibilityRule("crt_dishonest", Operator.AT_MOST, 0.0), "否"),
        ],
    )
    def test_are_written_in_words(self, rule: EligibilityRule, words: str) -> None:
        with translation.override("zh-hans"):
            assert rt.condition(rule) == words


class TestDeliveries:
    def test_are_called_by_the_days_they_cover(self) -> None:
        with translation.override("zh-hans"):
            assert wording.delivery_words("electricity 2026-11-09..2026-11-23") == "2026年11月9日 – 2026年11月23日"
            assert wording.delivery_words("sales.csv") == "sales.csv"
            assert wording.source_words("pull:tax") == "平台向数据源采集"

    def test_years_are_not_counted_in_days(self) -> None:
        with translation.override("zh-hans"):
            assert rt.period(1825) == "5 年"
            assert rt.period(100) == "100 天"
