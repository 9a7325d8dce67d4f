"""Every example is judged as its file says, in words and on fields that help."""

from __future__ import annotations

import pytest
from tests.support.catalogue import ADMISSION, EXAMPLES, judge

from tidegate.domain.catalogue import Example, Expected
from tidegate.policy.admission.engine import AdmissionEngine

ENGINE = AdmissionEngine(ADMISSION)
CASES = [
    pytest.param(name, example, id=f"{name}-{example.expected.value}-{example.manifest.id.name}")
    for name, examples in EXAMPLES.items()
    for example in examples
]


@pytest.mark.parametrize(("name", "example"), CASES)
def test_an_example_holds(name: str, example: Example) -> None:
    data = example.manifest.data
    found = judge(ENGINE, data, example.environment)
    own = [violation for violation in found if violation.rule == name]
    assert bool(own) == (example.expected is Expected.FAILS)
    for violation in own:
        assert violation.object == example.manifest.id
        # The value of the field needn't be there; the object around it is. The API server, and so
        # we, have moved `stringData` into `data` by then.
        assert violation.field
        assert violation.field[0] in data or "stringData" in data
        assert 20 < len(violation.message) < 200
    for violation in found:
        assert "error" not in violation.message
        assert "expression" not in violation.message


def test_an_example_may_be_judged_elsewhere_than_in_prod() -> None:
    assert {e.environment for examples in EXAMPLES.values() for e in examples} >= {"dev", "prod"}
