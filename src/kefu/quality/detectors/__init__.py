"""The mechanisms that scorecards may name, by their kind. Importing this package registers them all."""

from kefu.quality.detectors import answers, attitude, by_hand, case_facts, courtesy, identity, insults, rule, slots, turns, words
from kefu.quality.detectors.base import REGISTRY, Detector, Found, NotApplicable, Params, Trouble, detector

__all__ = [
    "REGISTRY",
    "Detector",
    "Found",
    "NotApplicable",
    "Params",
    "Trouble",
    "answers",
    "attitude",
    "by_hand",
    "case_facts",
    "courtesy",
    "detector",
    "identity",
    "insults",
    "rule",
    "slots",
    "turns",
    "words",
]
