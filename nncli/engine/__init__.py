"""The algorithm: a computation graph, its two passes, and the weight space. Knows no networks, files or YAML."""
