import pytest
from tests.database.world import Urls
@pytest.fixture(scope="session")
def urls():
    u='postgresql://postgres:@/t?host=/var/lib/crscratch/db'
    return Urls(u,u,u)
