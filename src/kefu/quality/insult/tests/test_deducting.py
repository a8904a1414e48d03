"""What deducts by itself: a severe word that is the line, or stands in a line the model finds offensive too (QA2)."""

import pytest

from kefu.quality.insult import lexicon, measure
from kefu.quality.insult.deducting import AGREES_AT, deducts
from kefu.quality.insult.model import InsultModel
from kefu.quality.insult.tests.test_model import needs_data


def _decided(text: str, score: float) -> list[bool]:
    return [deducts(text, hit, lambda _: score) for hit in lexicon.find(text)]


@pytest.mark.parametrize(
    ("text", "score", "decided"),
    [
        ("你脑残吧", AGREES_AT, [True]),
        ("你脑残吧", 0.0, [True]),  # half of the line
        ("客户反映包裹外面写着脑残两个字，请核实", 0.0, [False]),
        ("客户反映包裹外面写着脑残两个字，请核实", AGREES_AT, [True]),
        ("你是不是傻啊", 1.0, [False]),  # mild: a person looks
        ("您好，请问有什么可以帮您", 1.0, []),
    ],
)
def test_the_word_and_the_line_together_decide(text: str, score: float, decided: list[bool]) -> None:
    assert _decided(text, score) == decided


@needs_data
def test_what_deducts_by_itself_is_right_95_times_in_a_hundred() -> None:
    """On the part the model has not learnt from."""
    dev, model = measure.read_labelled(measure.data_folder() / measure.DEV), InsultModel.load()
    labels = [y for t, y in zip(dev.texts, dev.labels, strict=True) if any(deducts(t, hit, model.score) for hit in lexicon.find(t))]
    assert len(labels) > 150
    assert sum(labels) / len(labels) >= 0.95
