"""Insults, threats and sarcasm of an agent towards a customer (QA2).

Three tools, from certain to uncertain: `lexicon` (exact terms, may deduct), `homophones` (sound-alike
spellings, review only) and `model` (a small sentence classifier, ranks for review only).
Plain Python and numpy: no Django, no network, no files outside this folder.
"""
