"""QA2: the sentence model and its weights."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kefu.quality.insult import features, homophones, lexicon, measure, model
from kefu.quality.insult.model import InsultModel, WeightsError, read

FOLDER = measure.data_folder()
needs_data = pytest.mark.skipif(
    not all((FOLDER / name).is_file() for name in (measure.TRAIN, measure.DEV, measure.CHATS)),
    reason=f"the evaluation data are not in {FOLDER} (set {measure.FOLDER_VARIABLE})",
)
RUDE = ["你就是个垃圾，脑子有病的东西", "这种傻逼真恶心", "滚吧，你们这些不要脸的废物", "这群智商低的蠢货真让人恶心"]
CIVIL = ["您好，很高兴为您服务", "请稍等，我帮您查一下物流", "预计明天下午送达", "非常抱歉，给您添麻烦了"]


def weights() -> Path:
    return Path(model.__file__).with_name(model.WEIGHTS)


def test_the_weights_are_small_and_need_no_pickle() -> None:
    assert weights().stat().st_size <= 1_000_000
    with np.load(weights(), allow_pickle=False) as data:
        assert all(data[name].dtype != object for name in data.files)


def test_rude_sentences_rank_above_civil_ones() -> None:
    scorer = InsultModel.load()
    rude, civil = scorer.score_many(RUDE), scorer.score_many(CIVIL)
    assert min(rude) > max(civil)
    assert sum(score > 0.5 for score in rude) >= 3
    assert max(civil) < 0.5


def test_a_score_is_deterministic_and_equal_in_a_batch() -> None:
    fresh, cached = read(weights()), InsultModel.load()
    assert [fresh.score(text) for text in RUDE + CIVIL] == cached.score_many(RUDE + CIVIL)
    assert InsultModel.load() is cached


def test_spelling_variants_score_alike() -> None:
    scorer = InsultModel.load()
    assert scorer.score("你這個腦殘") == scorer.score("你这个脑残")
    assert scorer.score("ＡＢＣ") == scorer.score("abc")


@pytest.mark.parametrize("text", ["", "  ", "🐶", "\u202eשלום\u202c", "مرحبا", "\ud800", "\x00", "a", "𠮷", "é" * 5, "骂" * 1_000_000])
def test_odd_input_gives_a_number(text: str) -> None:
    assert 0.0 <= InsultModel.load().score(text) <= 1.0


def test_empty_text_is_harmless() -> None:
    assert InsultModel.load().score(" \n") == 0.0


def test_provenance_names_data_and_licence() -> None:
    scorer = InsultModel.load()
    assert scorer.model_version
    assert "COLD" in scorer.provenance
    assert "Apache-2.0" in scorer.provenance


def test_hashes_do_not_change() -> None:
    assert features.hashes("快")[:3].tolist() == HASHES
    assert features.buckets("快递", 19).tolist() == sorted(set(features.buckets("快递", 19).tolist()))


HASHES = [779279419696163992, 4388065887768649249, 14895525614203142527]


def test_broken_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError):
        read(tmp_path / "absent.npz")
    (tmp_path / "bad.npz").write_bytes(b"not a zip")
    with pytest.raises(WeightsError):
        read(tmp_path / "bad.npz")
    np.savez(tmp_path / "short.npz", linear=np.zeros(4, np.int8))
    with pytest.raises(WeightsError):
        read(tmp_path / "short.npz")


def test_run_time_needs_neither_django_nor_training_packages() -> None:
    code = (
        "import sys; from kefu.quality.insult import lexicon, homophones, model; model.InsultModel.load().score('快件'); "
        "assert not {'django', 'torch', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@needs_data
def test_accuracy_on_the_labelled_dev_part() -> None:
    dev = measure.read_labelled(FOLDER / measure.DEV)
    guessed = [value > 0.5 for value in InsultModel.load().score_many(dev.texts)]
    assert measure.macro_f1(dev.labels, guessed) >= 0.90


@needs_data
def test_service_chats_are_rarely_flagged() -> None:
    texts = [text for _, text in measure.read_chats(FOLDER / measure.CHATS)]
    values = np.array(InsultModel.load().score_many(texts))
    assert np.mean(values > 0.5) < 0.01
    assert np.mean(values > 0.8) < 0.001
    assert sum(bool(lexicon.find(text)) for text in texts) < 0.001 * len(texts)
    assert sum(bool(homophones.find(text)) for text in texts) < 0.001 * len(texts)


@needs_data
def test_precision_of_the_word_list() -> None:
    parts = [measure.read_labelled(FOLDER / name) for name in (measure.TRAIN, measure.DEV)]
    labels = [label for part in parts for text, label in zip(part.texts, part.labels, strict=True) if lexicon.find(text)]
    assert len(labels) > 500
    assert sum(labels) / len(labels) >= 0.90


def test_evaluate_says_when_the_data_are_absent(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "kefu.quality.insult.evaluate", "--data", str(tmp_path)], check=False, capture_output=True, text=True
    )
    assert run.returncode == 2
    assert "No evaluation data" in run.stdout


@pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("torch", "sklearn", "scipy")), reason="needs the packages of requirements/train.in"
)
def test_training_code_and_run_time_code_agree() -> None:
    from kefu.quality.insult.model import _network
    from kefu.quality.insult.network import EMBEDDING, fit_network, network_logits

    ids = [np.array([2, 3, 4, 5]), np.array([3, 3]), np.array([2])]
    net = fit_network(ids, np.array([1, 0, 1]), np.ones((5, EMBEDDING), np.float32), seed=1, epochs=2)
    packed = {f"net0.{name}": array for name, array in net.packed().items()} | {"widths": np.array(net.widths)}
    ours = [_network(packed, 0).logit(row) for row in ids]
    assert ours == pytest.approx(network_logits(net, ids).tolist(), abs=0.02)
