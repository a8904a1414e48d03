"""The rule bench: human labels, how right each rule is, and what a draft would change before it takes effect (QA10, HB3)."""
