"""Boolean functions: expressions, truth tables, and circuits of AND and OR gates as networks of hard thresholds."""
