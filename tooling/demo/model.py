"""A real model, trained in a second: handwritten digits, from scikit-learn's own data set."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_HELD_OUT = 0.4
_SEED = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a version is trained. `landmarks` is the size of the kernel's approximation; None means
    a linear model on the pixels. `examples` limits the training data; None takes all of it."""

    summary: str
    regularisation: float
    landmarks: int | None = None
    examples: int | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with its evaluation on digits that it hasn't seen; `model` is joblib's format.

    `dataset` is the sha256 of the data that it was evaluated on.
    """

    recipe: Recipe
    model: bytes
    metrics: dict[str, float]
    dataset: str


RECIPES = (
    Recipe("linear, on the pixels", regularisation=1.0),
    Recipe("kernel with 100 landmarks", regularisation=100.0, landmarks=100),
    Recipe("linear, on 200 examples only", regularisation=1.0, examples=200),
    Recipe("kernel with 200 landmarks", regularisation=100.0, landmarks=200),
)


def train(recipes: Sequence[Recipe]) -> tuple[Trained, ...]:
    """Trains each recipe on the same part of the data and evaluates it on the same other part."""
    import joblib  # type: ignore[import-untyped]  # publishes no stubs
    from sklearn.datasets import load_digits
    from sklearn.metrics import accuracy_score, log_loss
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images, held_images, labels, held_labels = train_test_split(
        digits.data, digits.target, test_size=_HELD_OUT, stratify=digits.target, random_state=_SEED
    )
    dataset = _sha256(held_images.astype("<f8"), held_labels.astype("<i8"))
    trained = []
    for recipe in recipes:
        model = _pipeline(recipe)
        model.fit(images[: recipe.examples], labels[: recipe.examples])
        probabilities = model.predict_proba(held_images)
        metrics = {
            "accuracy": float(accuracy_score(held_labels, probabilities.argmax(axis=1))),
            "log_loss": float(log_loss(held_labels, probabilities)),
            "example_count": float(len(held_labels)),
        }
        file = io.BytesIO()
        joblib.dump(model, file)
        trained.append(Trained(recipe, file.getvalue(), metrics, dataset))
    return tuple(trained)


def _pipeline(recipe: Recipe) -> Any:
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    steps = [MinMaxScaler()]
    if recipe.landmarks is not None:
        steps.append(Nystroem(gamma=0.1, n_components=recipe.landmarks, random_state=_SEED))
    steps.append(LogisticRegression(C=recipe.regularisation, max_iter=1000))
    return make_pipeline(*steps)


def _sha256(*arrays: Any) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()
