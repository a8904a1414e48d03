"""Borders of words in a line, for what is found by sound."""

import rjieba

_AROUND = 40


def on_borders(text: str, start: int, end: int) -> bool:
    """Whether a span begins and ends where words do."""
    low = max(0, start - _AROUND)
    edges, position = {low}, low
    for token in rjieba.cut(text[low : end + _AROUND]):
        position += len(token)
        edges.add(position)
    return start in edges and end in edges
