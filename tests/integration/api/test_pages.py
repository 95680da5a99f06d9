"""A report's page: for its owner, for whoever has its share link, and its pictures."""

import re
import uuid
from collections.abc import Callable

import pytest

from tests.integration.api.stand import ORIGIN, PICTURE, Customer, Stand, assert_error

REPORTS = "/api/v1/reports"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def image_ids(customer: Customer, report: str) -> list[str]:
    rows = customer.world.rows(
        "admin", "select id from private.images where report_id = %s order by kind", uuid.UUID(report)
    )
    return [row["id"] for row in rows]


def revoke(customer: Customer, report: str) -> None:
    assert customer.world.value(
        "admin", "select private.revoke_share_link(%s, %s)", customer.account, uuid.UUID(report)
    )


# -- /html ----------------------------------------------------------------------------------------------------------


def test_the_page_of_a_completed_report(customer: Customer) -> None:
    report = customer.completed(headline="Harbour bridge reopens")
    answer = customer.get(f"{REPORTS}/{report}/html")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "January Campaign" in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


def test_its_pictures_have_addresses_that_work_anywhere(customer: Customer) -> None:
    report = customer.completed()
    page = customer.get(f"{REPORTS}/{report}/html").text
    sources = re.findall(r'<img[^>]*?src="([^"]+)"', page)
    assert sources
    for source in sources:
        assert source.startswith(f"{ORIGIN}/api/portal/images/")
        assert customer.stand.client.get(source.removeprefix(ORIGIN)).content == PICTURE


def test_a_processing_report_has_no_page_yet(customer: Customer) -> None:
    answer = customer.get(f"{REPORTS}/{customer.create()}/html")
    assert_error(answer, 409, "Report not ready yet", status="processing")


def test_a_failed_report_has_no_page(customer: Customer) -> None:
    report = customer.create()
    customer.finish(report, ["blocked"])
    assert_error(customer.get(f"{REPORTS}/{report}/html"), 409, status="failed")


def test_a_page_that_has_not_changed_is_not_sent_again(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    report = customer.completed()
    etag = customer.get(f"{REPORTS}/{report}/html").headers["etag"]
    assert customer.get(f"{REPORTS}/{report}/html").headers["etag"] == etag
    monkeypatch.setattr("api.report_page.render_document", None)
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = customer.get(f"{REPORTS}/{report}/html", headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
        assert answer.headers["ratelimit"]


def test_a_page_that_has_changed_has_another_etag(customer: Customer) -> None:
    report = customer.completed()
    etags = {customer.get(f"{REPORTS}/{report}/html").headers["etag"]}
    customer.world.run("update public.accounts set name = 'New name' where id = %s", customer.account)
    etags.add(customer.get(f"{REPORTS}/{report}/html").headers["etag"])
    customer.world.run("update public.reports set version = version + 1 where id = %s", uuid.UUID(report))
    etags.add(customer.get(f"{REPORTS}/{report}/html").headers["etag"])
    etags.add(customer.get(f"{REPORTS}/{report}/html?images=inline").headers["etag"])
    etags.add(customer.get(customer.share_path(report)).headers["etag"])
    assert len(etags) == 5


def test_one_self_contained_file(customer: Customer) -> None:
    report = customer.completed()
    page = customer.get(f"{REPORTS}/{report}/html?images=inline").text
    assert re.search(r'<img[^>]*?src="data:image/jpeg;base64,', page)
    assert "/api/portal/" not in page


def test_a_picture_that_is_gone_is_left_out(customer: Customer) -> None:
    report = customer.completed()
    for path in (customer.stand.pictures / "reports").iterdir():
        path.unlink()
    page = customer.get(f"{REPORTS}/{report}/html?images=inline")
    assert page.status_code == 200
    assert "data:image" not in page.text


def test_pictures_are_linked_or_inline(customer: Customer) -> None:
    report = customer.completed()
    assert customer.get(f"{REPORTS}/{report}/html?images=linked").status_code == 200
    assert_error(customer.get(f"{REPORTS}/{report}/html?images=yes"), 400, "images must be linked or inline.")


# -- Share links ----------------------------------------------------------------------------------------------------


def test_a_share_link_needs_no_key(customer: Customer) -> None:
    share = customer.share_path(customer.completed())
    answer = customer.stand.client.get(share)
    assert answer.status_code == 200
    assert "January Campaign" in answer.text
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "ratelimit" not in answer.headers


def test_a_shared_page_tells_nothing_of_the_account(customer: Customer) -> None:
    report = customer.completed()
    page = customer.stand.client.get(customer.share_path(report)).text
    for secret in (customer.account.hex, str(customer.account), report, str(uuid.UUID(report)), str(customer.key_id)):
        assert secret not in page


def test_its_pictures_lie_below_the_token(customer: Customer) -> None:
    share = customer.share_path(customer.completed())
    page = customer.stand.client.get(share).text
    sources = re.findall(r'<img[^>]*?src="([^"]+)"', page)
    assert sources
    for source in sources:
        assert source.startswith(f"{share}/images/")
        picture = customer.stand.client.get(source)
        assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/jpeg")
        assert picture.headers["x-robots-tag"] == "noindex, nofollow"
        assert picture.headers["cache-control"] == "private, no-cache"
    assert "/api/portal/images/" not in page


def test_revoking_ends_page_and_pictures_at_once(customer: Customer) -> None:
    report = customer.completed()
    share = customer.share_path(report)
    page = customer.stand.client.get(share)
    (picture, *_) = re.findall(r'<img[^>]*?src="([^"]+)"', page.text)
    revoke(customer, report)
    etag = {"If-None-Match": page.headers["etag"]}
    assert_error(customer.stand.client.get(share, headers=etag), 404)
    assert_error(customer.stand.client.get(picture), 404)
    # The owner's own page and pictures are independent of the share link.
    assert customer.get(f"{REPORTS}/{report}/html").status_code == 200
    assert customer.stand.client.get(f"/api/portal/images/{image_ids(customer, report)[0]}.jpg").status_code == 200


def test_a_renewed_link_has_another_address(customer: Customer) -> None:
    report = customer.completed()
    old = customer.share_path(report)
    customer.world.value("admin", "select private.renew_share_link(%s, %s)", customer.account, uuid.UUID(report))
    new = customer.share_path(report)
    assert [customer.stand.client.get(share).status_code for share in (old, new)] == [404, 200]


def test_deactivating_the_account_leaves_shared_links(customer: Customer) -> None:
    share = customer.share_path(customer.completed())
    customer.world.value(
        "admin", "select private.set_account_status(%s, 'deactivated', 'cli:test', 'test')", customer.account
    )
    assert customer.stand.client.get(share).status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 500, "%00", "..", "a" * 20 + "'"])
def test_an_unknown_link_is_404(stand: Stand, token: str) -> None:
    path = f"/api/portal/reports/share/{token}"
    assert_error(stand.client.get(path), 404, "There is nothing at this address.")


def test_a_person_reads_a_page_instead(stand: Stand, customer: Customer) -> None:
    report = customer.completed()
    share = customer.share_path(report)
    revoke(customer, report)
    for path in (share, "/api/portal/reports/share/unknown"):
        answer = stand.client.get(path, headers=BROWSER)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "This report is not available" in answer.text
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_errors_of_the_api_are_never_html(customer: Customer) -> None:
    for path in ("/api/v1/nothing", f"{REPORTS}/{'0' * 32}/html", "/api/portal/nothing"):
        assert_error(customer.get(path, headers=BROWSER), 404)


def test_a_picture_of_another_report_is_not_below_the_token(customer: Customer, stranger: Customer) -> None:
    share = customer.share_path(customer.completed())
    theirs = image_ids(stranger, stranger.completed())[0]
    assert_error(customer.stand.client.get(f"{share}/images/{theirs}.jpg"), 404)


# -- Pictures -------------------------------------------------------------------------------------------------------


def test_a_picture_has_an_address_for_ever(customer: Customer) -> None:
    (image, *_) = image_ids(customer, customer.completed())
    answer = customer.stand.client.get(f"/api/portal/images/{image}.jpg")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    again = customer.stand.client.get(
        f"/api/portal/images/{image}.jpg", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_every_picture_has_its_own_id(customer: Customer) -> None:
    first, second = (image_ids(customer, customer.completed()) for _ in range(2))
    assert len({*first, *second}) == 4


def test_a_picture_ends_with_its_report(customer: Customer) -> None:
    report = customer.completed()
    (image, *_) = image_ids(customer, report)
    customer.world.run("delete from public.reports where id = %s", uuid.UUID(report))
    assert_error(customer.stand.client.get(f"/api/portal/images/{image}.jpg"), 404)


def test_a_store_that_cannot_be_read_is_503(
    customer: Customer, start: Callable[..., Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    report = customer.completed()
    src = customer.get(f"/api/v1/reports/{report}/items").json()["data"][0]["screenshotUrl"].removeprefix(ORIGIN)
    away = start(object_store="s3://away/x", s3_endpoint="http://127.0.0.1:1").client
    for path in (src, f"/api/v1/reports/{report}/html?images=inline"):
        answer = away.get(path, headers=customer.headers)
        assert_error(answer, 503, code="unavailable")
        assert answer.headers["retry-after"]


@pytest.mark.parametrize(
    "name",
    [
        "0" * 32 + ".jpg",
        "x.jpg",
        "0" * 32,
        "..%2f..%2fetc%2fpasswd.jpg",
        "0" * 31 + "%00.jpg",
    ],
)
def test_an_unknown_picture_is_404(stand: Stand, name: str) -> None:
    assert_error(stand.client.get(f"/api/portal/images/{name}"), 404, "There is nothing at this address.")


def test_a_picture_whose_file_is_gone_is_404(customer: Customer) -> None:
    (image, *_) = image_ids(customer, customer.completed())
    for path in (customer.stand.pictures / "reports").iterdir():
        path.unlink()
    assert_error(customer.stand.client.get(f"/api/portal/images/{image}.jpg"), 404)
