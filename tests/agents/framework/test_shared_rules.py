"""Which classes may be asked together."""

from __future__ import annotations

from agents.framework.shared_rules import answer_alike
from agents.labs.lab import ComputePoorLab, FrontierLab
from agents.labs.open_host import OpenHost


def _twice(agent: Plain) -> float:
    return 2.0 * agent.called()


class Plain:
    scale = 3.0

    def called(self) -> float:
        return 1.0

    def rule(self) -> float:
        return self.called() + 1.0

    def by_helper(self) -> float:
        return _twice(self)

    def by_inner(self) -> float:
        return max(x * self.called() for x in (1.0, 2.0))

    @property
    def spoken(self) -> float:
        return self.called()

    def by_property(self) -> float:
        return self.spoken

    def by_value(self) -> float:
        return self.scale

    def alone(self) -> float:
        return 0.0


class Same(Plain):
    label = "another word"


class Other(Plain):
    def called(self) -> float:
        return 5.0


class Scaled(Plain):
    scale = 4.0


def test_a_class_that_overrides_nothing_answers_alike() -> None:
    for rule in ("rule", "by_helper", "by_inner", "by_property", "by_value", "alone"):
        assert answer_alike(rule, Plain, Same)


def test_what_a_rule_calls_counts_however_it_is_called() -> None:
    for rule in ("rule", "by_helper", "by_inner", "by_property", "called"):
        assert not answer_alike(rule, Plain, Other), rule
    assert answer_alike("alone", Plain, Other) and answer_alike("by_value", Plain, Other)
    assert not answer_alike("by_value", Plain, Scaled)


def test_what_overrides_nothing_is_asked_with_its_neighbours() -> None:
    for rule in ("set_price", "own_capability", "plan_research"):
        assert answer_alike(rule, FrontierLab, ComputePoorLab), rule
    assert not answer_alike("own_capability", FrontierLab, OpenHost)
