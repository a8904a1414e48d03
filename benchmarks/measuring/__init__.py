"""What the benchmark scripts share: databases, seeding, servers, load and tables."""
