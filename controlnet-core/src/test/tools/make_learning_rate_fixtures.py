"""The learning rates of diffusers' schedules, for every type that a training can have.

Writes fixtures/learning-rates.json: one more rate than there are steps, since a training may go on.
"""

import json
from pathlib import Path

import torch
from diffusers.optimization import get_scheduler

OUT = Path(__file__).parents[1] / "resources" / "fixtures" / "learning-rates.json"
RATE, STEPS = 3e-4, 40
CASES = [
    {"type": kind, "warmup": warmup, "cycles": cycles, "power": power}
    for kind, cycles, power in [
        ("constant", 1, 1.0), ("linear", 1, 1.0), ("cosine", 1, 1.0), ("cosine_with_restarts", 1, 1.0),
        ("cosine_with_restarts", 3, 1.0), ("polynomial", 1, 1.0), ("polynomial", 1, 2.5),
    ]
    for warmup in (0, 7)
]


def rates(case):
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    name = "constant_with_warmup" if case["type"] == "constant" else case["type"]
    schedule = get_scheduler(name, optimizer, num_warmup_steps=case["warmup"], num_training_steps=STEPS,
                             num_cycles=case["cycles"], power=case["power"])
    found = []
    for _ in range(STEPS + 1):
        found.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return found


cases = [{**case, "rates": rates(case)} for case in CASES]
assert len({tuple(case["rates"]) for case in cases}) >= len(cases) - 4, "too many alike"
OUT.write_text(json.dumps({"rate": RATE, "steps": STEPS, "cases": cases}) + "\n")
