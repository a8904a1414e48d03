"""Other companies' systems, each behind a port of the floor below."""
