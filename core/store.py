"""The object store: a folder, or a bucket of Supabase Storage or any other that speaks S3."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import obstore
from obstore.store import LocalStore, S3Store

from core.settings import Settings

# How many files are removed at once. One request a file: not every bucket knows the request for many.
_REMOVED_AT_ONCE = 16


class ObjectStore:
    """Files by key (`reports/<report>/<image>.jpg`), written whole or not at all."""

    def __init__(self, backend: LocalStore | S3Store) -> None:
        self._backend = backend

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """The store that `OBJECT_STORE` names; S3 credentials are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."""
        url = settings.store_url
        if not url.startswith("s3://"):
            folder = Path(url.removeprefix("file://"))
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # A folder goes with the last file in it.
            return cls(LocalStore(folder, automatic_cleanup=True))
        return cls(
            S3Store.from_url(
                url,
                region=settings.s3_region,
                config={"endpoint": settings.s3_endpoint} if settings.s3_endpoint else None,
                # Endpoints other than AWS name the bucket in the path.
                virtual_hosted_style_request=not settings.s3_endpoint,
                client_options={"allow_http": settings.s3_endpoint.startswith("http://"), "timeout": "20s"},
                retry_config={"max_retries": 3},
            )
        )

    async def put(self, key: str, data: bytes) -> None:
        """Writes a file, in place of one with the same key. Raises `obstore.exceptions.BaseError`."""
        await obstore.put_async(self._backend, key, data)

    async def get(self, key: str) -> bytes:
        """The file's bytes. Raises `FileNotFoundError` where there is none."""
        answer = await obstore.get_async(self._backend, key)
        return bytes(await answer.bytes_async())

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Removes files; one that is gone already is no error."""
        for key in keys:
            await self._delete(key)

    async def remove(self, prefix: str) -> None:
        """Removes a file, or what is below a folder when `prefix` ends in a slash. What is gone is no error."""
        if not prefix.endswith("/"):
            await self._delete(prefix)
            return
        found = await obstore.list(self._backend, prefix).collect_async()
        for start in range(0, len(found), _REMOVED_AT_ONCE):
            await asyncio.gather(*(self._delete(file["path"]) for file in found[start : start + _REMOVED_AT_ONCE]))

    async def _delete(self, key: str) -> None:
        try:
            await obstore.delete_async(self._backend, key)
        except FileNotFoundError:
            return
