"""The lecture's demonstrations, which compute its claims with the engine that trains networks and report data."""
