"""A procedure as boxes and arrows: laid out once, drawn by the console and by the handbook reader (CASE1)."""

from kefu.cases.rules import Drawing, Edge, Node, draw

__all__ = ["Drawing", "Edge", "Node", "draw"]
