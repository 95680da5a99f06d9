"""The object store: a folder, or a bucket of Supabase Storage or any other that speaks S3."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import obstore
from obstore.store import LocalStore, S3Store

from core.settings import Settings


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
            return cls(LocalStore(folder))
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
            try:
                await obstore.delete_async(self._backend, key)
            except FileNotFoundError:
                continue
