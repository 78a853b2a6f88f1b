import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.credit.scorecards.validation import auc, brier, ks, stability_index, validate, weight_of_evidence

GOOD, BAD = [100, 200, 300, 250, 150], [30, 25, 20, 10, 5]
SCORES = np.repeat([1, 2, 3, 4, 5], np.array(GOOD) + np.array(BAD))
LABELS = np.concatenate([np.r_[np.zeros(good), np.ones(bad)] for good, bad in zip(GOOD, BAD, strict=True)])


class TestWorkedBins:
    def test_weight_of_evidence_and_information_value(self):
        woe, parts = weight_of_evidence(GOOD, BAD)
        assert woe.round(6).tolist() == [-1.203973, -0.328504, 0.300105, 0.810930, 0.993252]
        assert parts.round(6).tolist() == [0.280927, 0.025550, 0.023341, 0.112629, 0.093807]
        assert round(float(parts.sum()), 6) == 0.536255

    def test_area_under_the_curve_and_ks(self):
        assert round(auc(SCORES, LABELS), 6) == 0.695833
        assert round(ks(SCORES, LABELS), 6) == 0.311111

    def test_stability_index(self):
        assert round(stability_index([0.10, 0.20, 0.30, 0.25, 0.15], [0.15, 0.22, 0.28, 0.22, 0.13]), 6) == 0.030256

    def test_a_bin_without_bads_gets_half_a_case(self):
        woe, _parts = weight_of_evidence([10, 10], [5, 0])
        assert np.isfinite(woe).all()


class TestAuc:
    @given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60))
    def test_is_the_share_of_pairs_in_the_right_order(self, firms):
        scores, labels = [score for score, _bad in firms], [int(bad) for _score, bad in firms]
        goods = [score for score, bad in firms if not bad]
        bads = [score for score, bad in firms if bad]
        if goods and bads:
            pairs = [(good > bad) + 0.5 * (good == bad) for good in goods for bad in bads]
            assert auc(scores, labels) == pytest.approx(np.mean(pairs))
        else:
            assert np.isnan(auc(scores, labels))

    def test_refuses_columns_of_two_lengths(self):
        with pytest.raises(ValueError, match="differ in shape"):
            auc([1, 2, 3], [0, 1])


class TestBrier:
    def test_is_the_mean_squared_error(self):
        assert brier([0.1, 0.8], [0, 1]) == pytest.approx(0.025)


class TestValidate:
    def test_stands_beside_the_dumb_baselines_and_repeats_to_the_digit(self):
        generator = np.random.default_rng(7)
        labels = (generator.random(200) < 0.2).astype(int)
        scores = generator.normal(size=200) - labels
        features = {
            "noise": list(generator.normal(size=200)),
            "upside_down": list(labels + generator.normal(size=200) / 2),
        }
        features["noise"][3] = None
        first = validate(scores=list(scores), labels=list(labels), features=features, rounds=200, seed=3)
        assert first == validate(scores=list(scores), labels=list(labels), features=features, rounds=200, seed=3)
        assert first.auc_low < first.auc < first.auc_high
        assert first.best_single == "upside_down"
        assert first.best_single_low < first.best_single_auc <= 1
        assert first.majority_accuracy == pytest.approx(1 - labels.mean())
        assert (first.n, first.bad) == (200, int(labels.sum()))
