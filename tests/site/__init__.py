"""A small news site for captures: used by the tests, the demo and the benchmark. It needs nothing but Jinja."""

from tests.site.articles import ARTICLES, DEMO_PATHS
from tests.site.bench import bench_headline
from tests.site.facts import Facts
from tests.site.site import NewsSite
from tests.site.troubles import TROUBLES, Expected

__all__ = ["ARTICLES", "DEMO_PATHS", "TROUBLES", "Expected", "Facts", "NewsSite", "bench_headline"]
