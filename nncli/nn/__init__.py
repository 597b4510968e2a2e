"""What networks are made of: the nodes, their initial weights, and graphs of fully connected layers."""
