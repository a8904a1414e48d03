"""Dialogues of the demo centre: a grammar of openings, matters, questions and closings, with breaches planted by the dice. Pure."""
