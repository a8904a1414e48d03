"""The desk over the API: what somebody is writing, phrases, macros, views, hand-over notes, and the talk with the customer."""
