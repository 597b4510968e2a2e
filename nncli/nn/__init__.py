"""Neural networks: the nodes, initial weights, and graphs of layers."""
