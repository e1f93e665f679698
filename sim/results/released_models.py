"""The models that labs released in a run, and what each cost and earned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.results.table_columns import MODELS

if TYPE_CHECKING:
    from sim.results.record import Record


def released_models(record: Record, row: int) -> dict[str, Any]:
    """The models released in one run, in order of release: a column each as an array; the lab as
    its row, the month of release counted from 0.

    A model stays on sale until its lab's next release; `current` are those on sale in the last
    month that is recorded. Models of the eve are left out: their age is drawn and what they cost
    and earned is assumed.
    """
    released = record.released[row, : record.months]
    month, lab = np.nonzero(released)
    months, labs = released.shape
    until = np.full(len(lab), months)
    coming = np.full(labs, months)  # month of each lab's next release, seen from the end
    for place in range(len(lab) - 1, -1, -1):
        until[place] = coming[lab[place]]
        coming[lab[place]] = month[place]
    at = {"release": month, "last": until - 1}
    read = {c.name: record.models[c.slot][row, at[c.when], lab] for c in MODELS if c.slot}
    spent = read["rnd_before_usd"]
    recouped = np.full(len(lab), np.nan)
    np.divide(read["gross_profit_usd"], spent, out=recouped, where=spent != 0.0)
    return {
        "lab": lab,
        "released": month,
        "tenure_months": (until - month).astype(np.float64),
        "current": until == months,
        "recoup_ratio": recouped,
        **read,
    }
