"""The house: who may import whom, the bit rule, one registry entry per parameter, readable files.

Read from the syntax trees, so nothing has to run, and code that no test reaches counts too.
"""

import ast
import subprocess
import sys
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import agents
from agents.framework.columns import columns_of
from experiments.maintenance.benchmark import work

ROOT = Path(__file__).parent.parent
FILES = {
    room: sorted(path for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts)
    for room in ("agents", "sim", "experiments")
}
ALL_FILES = [path for files in FILES.values() for path in files]
KINDS = [getattr(agents, name) for name in agents.__all__]


@cache
def tree(path):
    """The syntax tree of a file; read when a test wants it, as they are large."""
    return ast.parse(path.read_text("utf-8"))


def named(paths):
    """Paths below the root, as text: what a test says of files."""
    return [str(path.relative_to(ROOT)) for path in paths]


def imported(tree, module_level=False):
    """Full names of the modules that a tree imports, names imported from a package included.

    module_level: only what runs when the module is imported: nothing inside functions or behind
    TYPE_CHECKING.
    """
    found = set()

    def visit(node):
        if module_level:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                return
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree)
    return found


@cache
def module_path(name):
    """The file of a module of this checkout, or None."""
    path = ROOT.joinpath(*name.split("."))
    return next(
        (p for p in (path.with_suffix(".py"), path / "__init__.py") if p in ALL_FILES), None
    )


def home_of(name):
    """The file that a full name is imported from: its own module, or the module that holds it."""
    while name and module_path(name) is None:
        name = name.rpartition(".")[0]
    return module_path(name) if name else None


def rooms_of(names):
    return {name.partition(".")[0] for name in names}


# ---- (a) one direction ---------------------------------------------------------------------------

FLOORS = {
    "": "agents < sim < experiments",
    "agents": "framework < finance < supply < labs < demand",
    "sim": "base < config < economy figures < month < results opening < engine < model ensemble"
    " < page",
    "sim/month": "perceive public_support < capacity energy books < markets < labs < failure plans",
    "experiments": "runs reporting < studies statistics backtest < drivers reproduce < cli"
    " < __main__ maintenance",
}
"""What lies in a folder, from left to right: a place imports only from places left of it, and
places of one floor do not import each other."""


def floors(folder):
    """Place -> number of its floor."""
    return {
        place: number
        for number, names in enumerate(FLOORS[folder].split(" < "))
        for place in names.split()
    }


def parts_of(path):
    """The folders of a file below the root, and its name without suffix."""
    return path.relative_to(ROOT).with_suffix("").parts


@cache
def arrows():
    """File -> the files of this checkout that it imports, for types alone included."""
    return {
        path: {home_of(name) for name in imported(tree(path))} - {None, path} for path in ALL_FILES
    }


def arrows_within(folder):
    """(place, place, file, file) of every import between two places of a folder; the package's own
    `__init__`, which hands out names, is no place."""
    at = tuple(folder.split("/")) if folder else ()
    for path, targets in arrows().items():
        one = parts_of(path)
        for target in targets:
            other = parts_of(target)
            if one[: len(at)] == other[: len(at)] == at and one[len(at)] != other[len(at)]:
                places = one[len(at)], other[len(at)]
                if "__init__" not in places:
                    yield (*places, str(path.relative_to(ROOT)), str(target.relative_to(ROOT)))


def against(folder, arrows):
    """The arrows that do not go to a floor further left."""
    floor = floors(folder)
    return [arrow for arrow in arrows if not floor[arrow[1]] < floor[arrow[0]]]


@pytest.mark.parametrize("folder", FLOORS, ids=lambda folder: folder or "rooms")
def test_a_place_imports_only_from_places_left_of_it(folder):
    arrows = list(arrows_within(folder))
    assert arrows
    assert against(folder, arrows) == []


@pytest.mark.parametrize("folder", FLOORS, ids=lambda folder: folder or "rooms")
def test_every_place_has_its_floor(folder):
    here = ROOT / folder
    places = {path.stem for path in here.glob("*.py")} | {
        path.name for path in here.iterdir() if path.is_dir() and any(path.glob("*.py"))
    }
    if folder:
        assert places - {"__init__"} == set(floors(folder))
    else:
        assert set(floors(folder)) == set(FILES)


def test_an_import_that_is_turned_round_is_found():
    turned = [(b, a, there, here) for a, b, here, there in arrows_within("sim")]
    assert against("sim", turned) == turned
    sideways = [("model", "ensemble", "sim/model.py", "sim/ensemble.py")]
    assert against("sim", sideways) == sideways


FOLDERS = sorted({path.parent for path in ALL_FILES})


def test_nothing_in_a_folder_imports_in_a_circle():
    for folder in named(FOLDERS):
        graph = {}
        for one, other, *_ in arrows_within(folder):
            graph.setdefault(one, set()).add(other)
        TopologicalSorter(graph).prepare()  # raises CycleError with the circle


def test_agents_import_no_configuration():
    reading = [p for p in FILES["agents"] if "configs" in rooms_of(imported(tree(p)))]
    assert named(reading) == []


MANY = {"experiments/studies/questions"}
"""A file a question, as many as there are questions."""


def test_no_folder_holds_more_than_a_dozen():
    entries = {
        folder: [p.name for p in folder.iterdir() if p.name not in ("__init__.py", "__pycache__")]
        for folder in FOLDERS
    }
    assert {*named(f for f, names in entries.items() if len(names) > 12)} <= MANY


# ---- (b) reading a configuration is light --------------------------------------------------------

LIGHT = (
    *(
        "sim",
        "sim.base.errors",
        "sim.base.calendar",
        "sim.config.registry",
        "sim.config.scenario.loader",
        "sim.config.world.reader",
    ),
    "sim.config.observations",
)
HEAVY = ("mesa", "numba", "solara", "agents.framework.agent", "pandas", "networkx")


@pytest.mark.parametrize("module", [*LIGHT, "agents"])
def test_light_modules_import_nothing_heavy(module):
    code = f"import sys, {module}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(run.stdout.split())
    assert module in loaded
    assert not loaded & set(HEAVY)
    if module != "agents":
        assert "agents" not in loaded


def test_listing_scenarios_imports_nothing_heavy():
    code = "import sys, sim; sim.list_scenarios(); sim.load_scenario(); print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not set(run.stdout.split()) & {*HEAVY, "agents"}


# ---- (c) the bit rule ----------------------------------------------------------------------------


@cache
def reached(start):
    """Files that importing a module runs, within this checkout."""
    todo, found = [start], {}
    while todo:
        name = todo.pop()
        path = module_path(name)
        if path is not None and path not in found:
            found[path] = name
            todo += imported(tree(path), module_level=True)
    return sorted(found)


def writing_state():
    """What writes state: the month, and the opening before it; without what reads configuration,
    which knows no columns."""
    writing = {*FILES["agents"], *reached("sim.engine"), *reached("sim.opening.opening")}
    return sorted(writing - {*reached("sim.config.scenario.loader")})


ORDERLESS = {"max", "min", "any", "all", "maximum", "minimum", "clip"}
"""Largest, smallest, any and all are the same in any order, so numpy may take them as it likes."""
UNORDERED = {
    *("sum", "mean", "nansum", "nanmean", "average", "std", "var", "median", "prod", "cumsum"),
    *("dot", "vdot", "inner", "matmul", "einsum", "tensordot", "trace", "norm", "trapezoid"),
    *("fsum", "sumprod", "reduce", "reduceat", "accumulate", "cumprod"),
}
EXCEPTIONS = {
    # Sums over a list of the world file, one-dimensional and without runs, before the first month.
    ("sim/opening/compute.py", "history.sum()"),
    ("sim/opening/compute.py", "shape.sum()"),
    # Counts members: a sum of truths is an integer.
    ("agents/framework/population.py", "sum((m.kind is kind for m in members))"),
}


def is_constant(node):
    """A number, or arithmetic on numbers and names in capitals: the same wherever it is run."""
    if isinstance(node, ast.BinOp):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def breaches(tree):
    """Places that break the rule, as source text."""
    # The weighted mean of metrics adds up in order; its own module is checked like the others.
    ordered = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "sim.results.metrics.metric"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign):
            matrix = isinstance(node.op, ast.MatMult)
            power = isinstance(node.op, ast.Pow) and not (
                isinstance(node, ast.BinOp) and is_constant(node)
            )
            if matrix or power:
                yield ast.unparse(node)
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            by_size = ast.unparse(called) in ("np.maximum.reduce", "np.minimum.reduce")
            by_name = isinstance(called, ast.Name) and name in ordered
            if name in UNORDERED and not by_size and not by_name:
                yield ast.unparse(node)


def test_state_is_updated_by_ordered_sums_and_numpy_powers_and_every_exception_stands():
    found = [(named([p])[0], text) for p in writing_state() for text in breaches(tree(p))]
    assert {*found} == EXCEPTIONS


# These store and move columns; every other file there is a kind's.
MACHINERY = {"columns.py", "population.py", "relation.py", "__init__.py"}
RULES = [path for path in FILES["agents"] if path.name not in MACHINERY]


def test_rules_reduce_nothing():
    """np.maximum, np.minimum and np.clip go element by element; x.max() would mix agents."""
    for path in RULES:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            where = f"{path.name}: {ast.unparse(node)}"
            if isinstance(node.func, ast.Name):
                assert node.func.id not in ("sum", "max", "min", "any", "all"), where
            elif ast.unparse(node.func) not in ("np.maximum", "np.minimum", "np.clip"):
                assert getattr(node.func, "attr", "") not in UNORDERED | ORDERLESS, where


def test_nothing_in_a_month_needs_networkx_or_pandas():
    for path in reached("sim.engine"):
        rooms = rooms_of(imported(tree(path), module_level=True))
        assert not rooms & {"networkx", "pandas"}, path


def test_a_month_calls_into_no_library_for_graphs_tables_or_agents():
    called = work.calls(work.warm(1, 1))
    assert called["sim.month.markets.chips"]
    assert not rooms_of(called) & set(work.OUTSIDE)


def test_the_rule_finds_what_it_is_for():
    bad = "a = b ** 2", "c = d @ e", "f = x.sum()", "g = np.mean(y)", "h = sum(z)", "a **= 2.0"
    assert all(list(breaches(ast.parse(line))) for line in bad)
    good = "QUANTUM = 2.0**-10", "b = np.power(c, 2.0)", "d = total(e)", "f = g.max()"
    assert not any(list(breaches(ast.parse(line))) for line in good)


# ---- (d) one entry per parameter -----------------------------------------------------------------

REGISTRY = tomllib.loads((ROOT / "configs" / "parameters.toml").read_text("utf-8"))


def declared():
    """Every parameter column of every kind as population.column -> unit."""
    found = {}
    for kind in KINDS:
        for name, column in columns_of(kind).items():
            if column.role == "parameter":
                path = f"{kind.population_name}.{name}"
                assert found.setdefault(path, column.unit) == column.unit, path
    return found


def test_every_parameter_column_has_one_broad_entry_with_its_unit():
    broad = {path: entry["unit"] for path, entry in REGISTRY.items() if path.count(".") == 1}
    assert broad == declared()


def test_every_narrow_entry_narrows_a_column():
    narrow = [path.split(".") for path in REGISTRY if path.count(".") == 2]
    assert all(f"{population}.{column}" in declared() for population, _, column in narrow)
    assert all(path.count(".") in (1, 2) for path in REGISTRY)


LONGEST = {
    ("fabs", "expansion"): ["fabs.expansion_lead_months"],
    ("fleets", "transit"): ["fleets.deploy_lag_months"],
    ("fleets", "chips"): ["fleets.economic_life_months"],
    ("fleets", "sites"): [
        "fleets.build_lead_months",
        *(path for path in REGISTRY if path.startswith("regions.") and path.endswith("_lead")),
    ],
}
"""Pipelines, and the parameters that say how far ahead something is put into them."""


@pytest.mark.parametrize("pipeline", LONGEST, ids=".".join)
def test_no_lead_time_outgrows_its_pipeline(pipeline):
    population, name = pipeline
    kind = next(k for k in KINDS if k.population_name == population)
    depth = columns_of(kind)[name].depth
    assert {path: REGISTRY[path]["max"] for path in LONGEST[pipeline]} == {
        path: min(REGISTRY[path]["max"], depth) for path in LONGEST[pipeline]
    }


# ---- (e) and (f) files that one person reads in one sitting --------------------------------------


def test_no_file_is_longer_than_one_sitting():
    assert named(p for p in ALL_FILES if len(p.read_text("utf-8").splitlines()) > 400) == []


def test_no_module_is_a_dumping_ground():
    dumps = {"util", "utils", "helper", "helpers", "common", "misc"}
    assert named(p for p in ALL_FILES if dumps & {*p.stem.split("_")}) == []


def test_every_module_says_what_it_is():
    assert named(p for p in ALL_FILES if not ast.get_docstring(tree(p))) == []
