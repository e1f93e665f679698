"""Populations: storage, names, who is asked for a decision, and who is alive."""

import copy
import pickle
from typing import NamedTuple

import mesa
import numpy as np
import pytest

from agents.framework.agent import EconomicAgent
from agents.framework.columns import parameter, pipeline, state
from agents.framework.population import Member, Population
from agents.labs.lab import ComputePoorLab, FrontierLab, Lab
from agents.supply.chip_fab import ChipFab


class Split(NamedTuple):
    kept: object
    sold: object


class Farm(EconomicAgent):
    """Stands for a kind of the package: asked once for all rows of its class."""

    __module__ = "agents.farm"
    population_name = "farms"

    seed_share = parameter("fraction", "Share of the harvest kept for seed")
    harvest = state("t", "Grain of the month")
    store = pipeline("t", "Grain by age", depth=3)

    def keep(self):
        return self.harvest * self.seed_share

    def split(self):
        return Split(self.keep(), self.harvest - self.keep())

    def spoil(self):
        return self.store * np.expand_dims(self.seed_share, -1)

    def inspect(self):
        return Split(self.keep(), self.spoil())

    def nothing(self):
        return 0.0

    def see(self):
        return np.zeros_like(self.harvest) + np.ndim(self.harvest)


class HillFarm(Farm):
    """Another class of the package in the same population."""

    __module__ = "agents.farm"

    def keep(self):
        return super().keep() * 2.0


class Cautious(Farm):
    """A user's class, from outside the package: one decision overridden, one row at a time."""

    def keep(self):
        assert isinstance(self.harvest, float)
        return max(super().keep(), 5.0) if self.harvest > 0.0 else 0.0


MEMBERS = [
    Member("a", "plain", Farm, "us"),
    Member("b", "hill", HillFarm, "us"),
    Member("c", "plain", Farm, "china"),
    Member("d", "user", Cautious, "us"),
    Member("e", "hill", HillFarm, "china"),
]


@pytest.fixture
def farms():
    """Two runs of five farms; harvest 10, 20, ... in run 0 and a hundred times that in run 1."""
    population = Population("farms", Farm, MEMBERS, runs=2)
    population.seed_share = 0.1
    population.harvest = np.array([[1.0], [100.0]]) * np.arange(10.0, 60.0, 10.0)
    population.store = population.harvest[:, :, None] + np.arange(3.0)
    return population


# ---- storage and names ---------------------------------------------------------------------------


def test_columns_are_float64_arrays_in_c_order(farms):
    assert {name: c.shape for name, c in farms.columns.items()} == {
        **dict.fromkeys(("cash", "equity", "income", "outlays"), (2, 5)),
        **dict.fromkeys(("seed_share", "harvest"), (2, 5)),
        "store": (2, 5, 3),
    }
    assert all(c.dtype == np.float64 and c.flags.c_contiguous for c in farms.columns.values())
    assert farms.alive.shape == (2, 5) and farms.alive.all()


def test_writing_a_column_keeps_arrays_taken_earlier(farms):
    taken = farms.harvest
    farms.harvest = 7.0
    assert taken is farms.harvest and (taken == 7.0).all()
    farms.harvest = np.arange(5.0)  # one row of numbers for all runs
    assert taken[1].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_unknown_columns_are_refused_by_name(farms):
    with pytest.raises(AttributeError, match="farms has no column 'harvset'"):
        farms.harvset = 1.0
    with pytest.raises(AttributeError, match="farms has no column 'harvset'"):
        _ = farms.harvset
    with pytest.raises(ValueError, match="broadcast"):
        farms.harvest = np.zeros((3, 3))


def test_classes_stand_in_contiguous_rows_in_order_of_appearance(farms):
    assert farms.names == ("a", "c", "b", "e", "d")
    assert farms.group_of == ("plain", "plain", "hill", "hill", "user")
    assert [farms.index[n] for n in "abcde"] == [0, 2, 1, 4, 3]
    assert len(farms) == 5


def test_rows_are_found_by_name_or_group(farms):
    assert farms.rows("b") == [2]
    assert farms.rows("hill") == [2, 3]
    with pytest.raises(KeyError, match="hills"):
        farms.rows("hills")


def test_members_are_found_in_the_order_in_which_they_were_given(farms):
    assert [farms.names[row] for row in farms.given] == list("abcde")


def test_a_member_of_the_pattern_selects_all_that_are_like_it():
    likes = {"a": "old", "b": "new", "c": "old"}
    members = [Member(name, "hill", Farm, like=like) for name, like in likes.items()]
    farms = Population("farms", Farm, [*members, Member("old_one", "", Farm)], runs=1)
    assert farms.rows("old") == [0, 2]
    assert farms.rows("hill") == [0, 1, 2]


def test_a_population_has_the_columns_of_all_its_classes():
    class Irrigated(Farm):
        water = state("m3", "Water of the month")

    mixed = Population("farms", Farm, [MEMBERS[0], Member("x", "", Irrigated)], runs=1)
    assert "water" in mixed.declared and mixed.water.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))]
)
def test_a_population_can_be_copied_and_pickled(copied):
    # Kinds of the package, since pickle finds classes by their module.
    labs = Population("labs", Lab, [Member("a", "frontier", FrontierLab)], runs=2)
    labs.compute_wanted, labs.lease_share, labs.leased_hours = 4.0, 0.5, 1.0
    assert labs.decide(Lab.want_leases).tolist() == [[1.0], [1.0]]
    twin = copied(labs)
    assert twin.compute_wanted.tolist() == [[4.0], [4.0]]
    twin.leased_hours = 0.5
    assert twin.decide(Lab.want_leases).tolist() == [[1.5], [1.5]]


# ---- decisions -----------------------------------------------------------------------------------


def test_each_class_decides_for_its_rows(farms):
    # Plain farms a, c keep 0.1 x 10, 0.1 x 20; hill farms b, e twice 0.1 x 30, 0.1 x 40;
    # the cautious d keeps at least 5 of 50: max(5, 5), and of 5,000: 500.
    assert farms.decide(Farm.keep)[0].tolist() == pytest.approx([1.0, 2.0, 6.0, 8.0, 5.0])
    assert farms.decide(Farm.keep)[1].tolist() == pytest.approx([100, 200, 600, 800, 500])


def test_a_users_class_overrides_for_its_own_rows_only(farms):
    farms.harvest = 20.0
    assert farms.decide(Farm.keep)[0].tolist() == [2.0, 2.0, 4.0, 4.0, 5.0]
    plain = Population("farms", Farm, MEMBERS[:3] + MEMBERS[4:], runs=2)
    plain.seed_share, plain.harvest = 0.1, 20.0
    assert plain.decide(Farm.keep).tolist() == farms.decide(Farm.keep)[:, :4].tolist()


def test_named_tuples_and_pipelines_come_back_whole(farms):
    split = farms.decide(Farm.split)
    assert isinstance(split, Split) and split.kept.shape == split.sold.shape == (2, 5)
    assert split.kept + split.sold == pytest.approx(farms.harvest)
    assert split.kept.tolist() == farms.decide(Farm.keep).tolist()
    spoilt = farms.decide(Farm.spoil)
    assert spoilt.shape == (2, 5, 3)
    assert spoilt.tolist() == (farms.store * 0.1).tolist()


def test_a_named_tuple_may_mix_numbers_and_pipelines(farms):
    found = farms.decide(Farm.inspect)
    assert found.kept.tolist() == farms.decide(Farm.keep).tolist()
    assert found.sold.tolist() == farms.decide(Farm.spoil).tolist()


def test_a_rule_may_return_one_number_for_all(farms):
    assert farms.decide(Farm.nothing).tolist() == [[0.0] * 5] * 2


def test_the_package_is_asked_with_arrays_and_others_with_numbers(farms):
    # see() returns the number of dimensions of what the rule was given.
    assert farms.decide(Farm.see)[0].tolist() == [2.0, 2.0, 2.0, 2.0, 0.0]


def test_a_users_lab_gets_its_inputs_for_free():
    class Frugal(FrontierLab):
        def ask(self) -> float:
            return super().ask() / 2.0

    members = [
        Member("x", "", FrontierLab),
        Member("y", "", Frugal),
        Member("z", "", ComputePoorLab),
    ]
    labs = Population("labs", Lab, members, runs=1)
    labs.staff_cost, labs.runway_months, labs.cash = 10.0, 12.0, 20.0
    labs.valuation, labs.max_dilution = 1e6, 0.5
    assert labs.names == ("x", "y", "z")
    # Twelve months of 10 less 20 at hand; the frugal lab asks for half.
    assert labs.decide(Lab.ask).tolist() == [[100.0, 50.0, 100.0]]


def test_who_is_not_alive_decides_nothing(farms):
    farms.alive[0, farms.index["b"]] = False
    farms.alive[1, farms.index["d"]] = False
    for rule in (Farm.keep, Farm.spoil):
        decided = farms.decide(rule)
        assert not decided[0, 2].any() and not decided[1, 4].any()
        assert decided[0, 4].all() and decided[1, 2].all()
    split = farms.decide(Farm.split)
    assert split.kept[0, 2] == split.sold[0, 2] == 0.0


def test_a_population_without_members_decides_nothing():
    assert Population("farms", Farm, [], runs=2).decide(Farm.keep).shape == (2, 0)


def test_a_run_does_not_depend_on_its_block(farms):
    for run in range(2):
        alone = Population("farms", Farm, MEMBERS, runs=1)
        for name, values in farms.columns.items():
            alone.columns[name][:] = values[run : run + 1]
        for rule in (Farm.keep, Farm.spoil):
            assert alone.decide(rule)[0].tobytes() == farms.decide(rule)[run].tobytes()


# ---- agents as views of rows ---------------------------------------------------------------------


def test_a_mesa_agent_is_a_row_of_its_population():
    model = mesa.Model(rng=1)
    fabs = Population("fabs", ChipFab, [Member("x", "big", ChipFab), Member("y", "", ChipFab)], 1)
    agents = [ChipFab.of_row(model, fabs, row) for row in range(2)]
    fabs.price = np.array([100.0, 200.0])
    assert [a.name for a in model.agents] == ["x", "y"]
    assert [a.price for a in model.agents] == [100.0, 200.0]
    assert model.agents.get("price") == [100.0, 200.0]
    assert len(model.agents.select(lambda a: a.price > 150.0)) == 1
    assert agents[0].group == "big" and "x" in repr(agents[0])
    with pytest.raises(AttributeError, match=r"price cannot be assigned"):
        model.agents.set("price", 1.0)


def test_a_view_of_many_rows_carries_the_populations_name(farms):
    everybody = Farm.over(farms, slice(None))
    assert (everybody.name, everybody.group) == ("farms", "")
    assert everybody.harvest.shape == (2, 5)
    assert Farm.over(farms, slice(1, 3), slice(0, 1)).harvest.tolist() == [[20.0, 30.0]]
