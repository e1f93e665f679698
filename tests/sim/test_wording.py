"""Numbers as people read them."""

import doctest

from sim import wording


def test_numbers_read_as_their_examples_say() -> None:
    failed, tried = doctest.testmod(wording)
    assert (failed, tried) == (0, 3)
