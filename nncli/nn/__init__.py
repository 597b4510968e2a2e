"""Neural networks: the nodes, initial weights, and graphs of fully connected layers."""
