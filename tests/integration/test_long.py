"""Runs that take minutes, made with `script/test --long`."""

import pytest

from tests.integration.product import Product, wait_until
from tests.site import NewsSite

LINKS = 500


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_report_of_500_links_beside_small_ones(product: Product, news: NewsSite) -> None:
    """The large report ends whole; the small report of another account, made after it, does not wait for its end."""
    large, small = product.customer(5), product.customer(5)
    report = large.create([news.url(f"/bench/{n}") for n in range(LINKS)])
    other = small.create([news.url("/bench/1000")])
    assert small.ended(other)["status"] == "completed"
    assert large.get(f"/reports/{report}").json()["status"] == "processing"
    wait_until(lambda: large.get(f"/reports/{report}").json()["status"] != "processing", seconds=800)
    status = large.get(f"/reports/{report}").json()
    assert status["stats"] == {"totalLinks": LINKS, "screenshots": LINKS}
    assert status["creditsUsed"] == 3 and large.balance() == 2
    page = large.get(f"/reports/{report}/html").text
    assert page.count('loading="lazy"') == LINKS
