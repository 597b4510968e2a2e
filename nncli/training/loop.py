"""The training loop: steps through mini-batches, evaluates, and emits events; it writes no files."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from nncli.config.schema import Config
from nncli.data.batches import Batches
from nncli.engine.graph import Array
from nncli.engine.parameters import Parameters
from nncli.errors import DivergedError
from nncli.evaluation.probabilities import loss_and_error
from nncli.nn.adversarial import Adversary
from nncli.nn.network import Network, NetworkGraph
from nncli.optim.clipping import clip_norm, max_norm
from nncli.randomness import generator
from nncli.records import Count, Number
from nncli.training import diagnosis, events
from nncli.training.averaging import average_of
from nncli.training.landing import Landing


@dataclass
class Progress:
    """The progress of a training: with its tensors and the dropout generator, all that resuming needs."""

    epoch: Count  # complete epochs
    step: Count  # steps in total
    loss_sum: Number  # over the examples seen in the current epoch
    mistakes: Count  # misclassified examples among them
    best: Number | None  # the best value of the metric
    best_epoch: Count
    best_error: Number | None  # the validation error of that epoch
    stale: Count  # evaluations since then
    seconds: Number = 0.0  # time spent on the current epoch, including before an interruption


@dataclass(eq=False, repr=False)
class Training:
    """The training of a network; `run` continues it from its progress to the end."""

    network: Network  # trained in place
    graph: NetworkGraph  # the training graph, with dropout and penalties
    landing: Landing  # updates the parameters
    batches: Batches  # the training split
    validation: Batches | None  # the validation split; None if nothing is held out
    config: Config  # the number of epochs, evaluations, bounds on norms, averaging and the seed
    schedule: Callable[[float], float]  # the learning rate as a function of the time in epochs
    noise: np.random.Generator  # draws the dropout masks and the directions of the adversary
    adversary: Adversary | None = None

    def __post_init__(self) -> None:
        self.optimizer, parameters = self.landing.optimizer, self.network.parameters
        self.progress = Progress(0, 0, loss_sum=0.0, mistakes=0, best=None, best_epoch=0, best_error=None, stale=0)
        self.average = average_of(parameters, self.config.training)
        self._stop = ""

    @property
    def evaluated(self) -> Parameters:
        """The weights to evaluate: the average once there is one, otherwise the network's."""
        return self.average.parameters if self.average and self.averages(self.progress) else self.network.parameters

    def averages(self, progress: Progress) -> bool:
        """Return whether there is an average of the weights at this progress."""
        return self.average is not None and self.average.count(progress.epoch, progress.step) > 0

    def stop(self, reason: str = events.INTERRUPTED) -> None:
        """End the loop after the current step, for a reason that `events.Finished` repeats."""
        self._stop = reason

    def run(self) -> Iterator[events.Event]:
        """Train to the end, or until `stop`.

        Raises:
            DivergedError: a loss or a weight is not finite; the message names the first such array.
        """
        progress, epochs = self.progress, self.config.training.epochs
        yield events.Started(
            progress.epoch, progress.step, epochs, len(self.batches), self.batches.examples, self._is_done()
        )
        while not self._is_done():
            if self._stop:
                yield events.Finished(self._stop, progress.epoch, progress.step)
                return
            yield from self._epoch()
        reason = events.EARLY if self.exhausted else events.COMPLETED
        yield events.Finished(reason, progress.epoch, progress.step)

    def _is_done(self) -> bool:
        return self.progress.epoch >= self.config.training.epochs or self.exhausted

    @property
    def exhausted(self) -> bool:
        """Whether the metric has not improved for too long."""
        stopping = self.config.training.early_stopping
        return stopping is not None and self.progress.stale >= stopping.patience

    def _epoch(self) -> Iterator[events.Event]:
        """Take the remaining steps of the current epoch and close it, unless stopped between steps."""
        progress, steps = self.progress, len(self.batches)
        began, start = time.perf_counter() - progress.seconds, progress.step - progress.epoch * steps
        seen = start * self.batches.batch_size
        order = generator(self.config.seed, "order", progress.epoch)
        noise = partial(generator, self.config.seed, "distortions", progress.epoch)
        batches = self.batches.epoch(order, start=start, noise=noise)
        for of_epoch, (x, targets) in enumerate(batches, start=start + 1):
            loss = self._step(x, targets)
            seen += x.shape[1]
            progress.seconds = time.perf_counter() - began
            yield events.StepFinished(progress.epoch + 1, progress.step, of_epoch, loss, seen, self._last_rate)
            if self._stop and of_epoch < steps:
                return
        progress.seconds = time.perf_counter() - began
        yield self._close_epoch()

    @np.errstate(all="ignore")  # overflow is detected as a number that is not finite
    def _step(self, x: Array, targets: Array) -> float:
        """Take a step along the gradient of one mini-batch; x (pixels, batch), targets (classes, batch)."""
        epoch = self.progress.step / len(self.batches)
        rate = self.schedule(epoch)
        self.optimizer.at(epoch)
        if self.adversary:
            x, targets = self.adversary.extend(x, targets)
        self.landing.aim(rate)
        self.graph.forward(x, targets)
        loss = self._finite(float(self.graph.loss.value))
        self.graph.backward()
        self._update(rate)
        self._count(loss, targets)
        return loss

    @property
    def _last_rate(self) -> float:
        """The learning rate of the last step."""
        return self.schedule((self.progress.step - 1) / len(self.batches))

    def _update(self, rate: float) -> None:
        """Update the weights; clip the gradient before and the weights' norms after, if configured."""
        parameters, config = self.network.parameters, self.config
        if config.clip_norm is not None:
            self._finite(clip_norm(parameters.errors, config.clip_norm))
        self.landing.finish(rate)
        if config.regularization.max_norm is not None:
            for layer in self.network.layers:
                max_norm(parameters.value(layer.weights), config.regularization.max_norm)
        if self.average:
            self.average.after_step(self.progress.step + 1)

    def _count(self, loss: float, targets: Array) -> None:
        """Add a step to the sums of its epoch: the loss and the misclassified examples, without adversarial copies."""
        progress, outputs = self.progress, self.graph.outputs.value
        examples = targets.shape[1] // (2 if self.adversary else 1)
        progress.step += 1
        progress.loss_sum += loss * examples
        wrong = outputs[:, :examples].argmax(axis=0) != targets[:, :examples].argmax(axis=0)
        progress.mistakes += int(np.count_nonzero(wrong))

    @np.errstate(all="ignore")
    def _close_epoch(self) -> events.EpochFinished:
        """Average the weights, evaluate, and reset the sums for the next epoch."""
        progress, plan, total = self.progress, self.config.training, self.batches.examples
        self.check_finite()
        if not math.isfinite(progress.loss_sum):
            raise diagnosis.diverged(progress.epoch + 1, progress.step, "training loss")
        rate = self._last_rate
        progress.epoch += 1
        if self.average:
            self.average.after_epoch(progress.epoch)
        loss = error = None
        if self.validation and (progress.epoch % plan.evaluate_every == 0 or progress.epoch == plan.epochs):
            graph = NetworkGraph(self.network, self.graph.loss_name, parameters=self.evaluated)
            loss, error = loss_and_error(graph, self.validation)
            if not math.isfinite(loss):
                raise diagnosis.diverged(progress.epoch, progress.step, "validation loss")
        finished = events.EpochFinished(
            epoch=progress.epoch,
            step=progress.step,
            train_loss=progress.loss_sum / total,
            train_error=progress.mistakes / total,
            validation_loss=loss,
            validation_error=error,
            learning_rate=rate,
            seconds=progress.seconds,
            examples_per_second=total / progress.seconds,
            improved=self._note_best(loss, error),
        )
        progress.loss_sum, progress.mistakes, progress.seconds = 0.0, 0, 0.0
        return finished

    def _note_best(self, loss: float | None, error: float | None) -> bool:
        """Return whether this epoch is the best so far; if nothing is held out, the latest is."""
        progress = self.progress
        stopping = self.config.training.early_stopping
        value = loss if stopping and stopping.metric == "validation_loss" else error
        if self.validation is None:
            progress.best_epoch = progress.epoch
            return True
        if value is None:
            return False
        if progress.best is None or value < progress.best:
            progress.best, progress.best_error = value, error
            progress.best_epoch, progress.stale = progress.epoch, 0
            return True
        progress.stale += 1
        return False

    def check_finite(self) -> None:
        """Check the weights and the state of the optimizer.

        Raises:
            DivergedError: one of their numbers is not finite.
        """
        state = self.network.parameters.values, *self.optimizer.slots.values()
        if not all(np.isfinite(vector).all() for vector in state):
            raise self._diverged()

    def _finite(self, number: float) -> float:
        """Return a number from the passes if it is finite; otherwise, raise DivergedError."""
        if not math.isfinite(number):
            raise self._diverged()
        return number

    def _diverged(self) -> DivergedError:
        place = diagnosis.first_place(self.graph, self.network.parameters, self.optimizer)
        return diagnosis.diverged(self.progress.epoch + 1, self.progress.step + 1, place)
