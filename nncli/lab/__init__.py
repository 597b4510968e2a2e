"""The lecture's demonstrations: each claim computed by the engine that trains MNIST, as data without a screen."""
