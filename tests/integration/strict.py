"""A web process of the product with a low rate limit, and customers who have used it up."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.integration.product import Customer, Product, WebProcess

LIMIT = 12
NAMES = ("bash", "python", "javascript", "command line")


class Strict:
    """Customers by name; none of them has a request left at the beginning."""

    def __init__(self, web: WebProcess, customers: dict[str, Customer]) -> None:
        self._web = web
        self._customers = customers
        for customer in customers.values():
            for _ in range(LIMIT):
                answer = httpx.get(f"{web.url}/api/v1/credits/balance", headers={"X-API-Key": customer.key})
                assert answer.status_code == 200

    def environment(self, name: str) -> dict[str, str]:
        """What a program of the customer reads."""
        return {**self._customers[name].environment, "COVERAGEREPORT_URL": self._web.url}

    def statuses(self, name: str) -> list[int]:
        """How the customer's requests ended since."""
        return self._web.statuses(self._customers[name].account)[LIMIT:]


@contextmanager
def strict_web_process(product: Product) -> Iterator[Strict]:
    """A second web process beside the product's own."""
    with product.web_process(RATE_LIMIT_PER_MINUTE=str(LIMIT)) as web:
        yield Strict(web, {name: product.customer() for name in NAMES})
