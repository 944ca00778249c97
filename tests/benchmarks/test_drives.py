"""What a drive found is believed only where it measured something and was answered."""

import pytest

from benchmarks.load import Load
from benchmarks.over_http import Figures


@pytest.mark.parametrize(
    ("requests", "errors", "told"),
    [
        pytest.param(0, 0, "used up", id="nothing was left to ask for"),
        pytest.param(50, 1, "error", id="one error in fifty"),
        pytest.param(200, 2, "", id="one error in a hundred is borne"),
    ],
)
def test_a_drive_that_may_not_be_believed_says_why(requests, errors, told):
    wrong = Figures(Load([0.1] * requests, errors=errors, seconds=1.0), 0.0, None).wrong
    assert (told in wrong) if told else wrong == ""
