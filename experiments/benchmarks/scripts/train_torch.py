"""Train on MNIST with PyTorch, all data in memory: the work of `nncli train` in a short script."""

from itertools import pairwise

import torch
from task import MOMENTUM, parse, rates, read_mnist, save, scaled
from torch import nn


def main() -> None:
    """Train, and write the weights."""
    arguments = parse()
    torch.manual_seed(arguments.seed)
    images, labels = read_mnist(arguments.data, "train")
    x, y = torch.from_numpy(scaled(images, arguments.scale)), torch.from_numpy(labels.copy()).long()
    sizes = [x.shape[1], *arguments.hidden, 10]
    layers = [nn.Linear(inputs, outputs) for inputs, outputs in pairwise(sizes)]
    for layer in layers:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    model = nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU())][:-1])
    nesterov = arguments.optimizer == "nesterov"
    momentum = MOMENTUM if nesterov else 0.0
    optimizer = torch.optim.SGD(model.parameters(), arguments.rate, momentum, nesterov=nesterov, fused=True)
    remaining = iter(rates(arguments, len(x)).tolist())
    for _ in range(arguments.epochs):
        for chosen in torch.randperm(len(x)).split(arguments.batch):
            optimizer.param_groups[0]["lr"] = next(remaining)
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(model(x[chosen]), y[chosen]).backward()
            optimizer.step()
    save(arguments.weights, [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in layers])


if __name__ == "__main__":
    main()
