"""Writes decimals.csv: decimal arithmetic and its exact result by Python's own decimal module.

Run once, by hand:  python3 decimals.py > decimals.csv
"""

import random
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, getcontext

getcontext().prec = 60
random.seed(20261122)

MODES = {
    "round half up": ROUND_HALF_UP, "round half down": ROUND_HALF_DOWN, "round half even": ROUND_HALF_EVEN,
    "round up": ROUND_UP, "round down": ROUND_DOWN, "floor": ROUND_FLOOR, "ceiling": ROUND_CEILING, "decimal": ROUND_HALF_EVEN,
}


def literal():
    digits = random.randint(0, 10 ** random.randint(1, 9))
    n = Decimal(digits).scaleb(-random.randint(0, 5))
    return -n if random.random() < 0.3 else n


def show(n):
    return format(n, "f")


print("source,answer")
for _ in range(300):
    a, b, c = literal(), literal(), literal()
    print(f'"({show(a)}) + ({show(b)}) * ({show(c)})","{show(a + b * c)}"')
    print(f'"({show(a)}) - ({show(b)}) - ({show(c)})","{show(a - b - c)}"')
    name, mode = random.choice(list(MODES.items()))
    scale = random.randint(0, 4)
    print(f'"{name}(({show(a)}) * ({show(b)}), {scale})","{show((a * b).quantize(Decimal(1).scaleb(-scale), rounding=mode))}"')
    if b:
        print(f'"decimal(({show(a)}) / ({show(b)}), 6)","{show((a / b).quantize(Decimal(1).scaleb(-6), rounding=ROUND_HALF_EVEN))}"')
