"""The language rules are written in: a tree of conditions over a conversation, read, compiled and evaluated in linear time (QA2, QA10)."""
