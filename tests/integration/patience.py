"""A web process of the product with a low rate limit, and clients who begin when their minute is used up."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import httpx

from tests.integration.product import Customer, Product, WebProcess
from tests.integration.programs import CLIENTS, start_program

LIMIT = 12


@dataclass(frozen=True, slots=True)
class Client:
    """A client at work. It was given a key that had no request left."""

    customer: Customer
    web: WebProcess
    folder: Path
    program: Popen[str]

    def statuses(self) -> list[int]:
        """How its requests ended."""
        return self.web.statuses(self.customer.account)[LIMIT:]


@contextmanager
def patient_clients(product: Product, folder: Path, link: str) -> Iterator[Mapping[str, Client]]:
    """Every client by its name, all at once in the background: each has to wait for up to a minute."""
    with product.web_process(RATE_LIMIT_PER_MINUTE=str(LIMIT)) as web, ExitStack() as stack:
        clients = {}
        for name in CLIENTS:
            customer = product.customer()
            for _ in range(LIMIT):
                answer = httpx.get(f"{web.url}/api/v1/credits/balance", headers={"X-API-Key": customer.key})
                assert answer.status_code == 200
            own = folder / name
            own.mkdir()
            environment = {**customer.environment, "COVERAGEREPORT_URL": web.url}
            program = stack.enter_context(start_program(name, own, [link], environment))
            # Where only other tests run, nobody waits for it.
            stack.callback(program.kill)
            clients[name] = Client(customer, web, own, program)
        yield clients
