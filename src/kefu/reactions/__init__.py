"""When X happened in A, do Y in B: the only place."""
