"""A stand-in for every carrier's server, for tests and the demo. It is none of them, and says so in every answer."""
