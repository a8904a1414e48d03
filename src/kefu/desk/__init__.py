"""What a person works with: drafts, phrases, macros, views of the case list, hand-over notes."""
