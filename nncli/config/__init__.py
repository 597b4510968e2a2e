"""What a user asks for: the configuration schema and the YAML reader."""
