"""Numbers as people read them."""

import doctest

from sim.base import number_format


def test_numbers_read_as_their_examples_say() -> None:
    failed, tried = doctest.testmod(number_format)
    assert (failed, tried) == (0, 10)
