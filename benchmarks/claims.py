"""How many reckonings a second of processor time the calculator makes, by kind of loss: ``python -m benchmarks.claims`` (target 10 000 a second)."""

from decimal import Decimal
from time import process_time

from kefu.claims.losses import LossFacts
from kefu.claims.rules import Terms, loss_problem, reckon

MANY = 20_000
D = Decimal
LOSSES = {
    "delay": LossFacts("delay", fee=D("12.00")),
    "lost, insured over its value": LossFacts("lost", fee=D("12.00"), value=D("1500.00"), insured=D("2000.00")),
    "damaged, insured": LossFacts("damaged", value=D("2000.00"), insured=D("2000.00"), part=D("33.33")),
    "lost, contract cap": LossFacts("lost", fee=D("12.00"), value=D("500.00"), basis="contract"),
    "short, fault and salvage": LossFacts("short", value=D("900.00"), part=D("40.00"), shipper_part=D("30.00"), salvage=D("20.00")),
}


def main() -> None:
    """Print the table."""
    terms = Terms(cap_multiple=D(5))
    print("| Loss | Reckonings a second |\n|---|---:|")
    for name, facts in LOSSES.items():
        started = process_time()
        for _turn in range(MANY):
            if loss_problem(facts) is None:
                reckon(facts, terms)
        print(f"| {name} | {MANY / (process_time() - started):,.0f} |")


if __name__ == "__main__":
    main()
