"""Sound: decoding, who speaks when, how loud, how high, how fast. Pure, no database (QA3)."""
