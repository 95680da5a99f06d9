"""What a SQL function answers when it refuses: a status as in HTTP, a stable code, and a sentence for the user."""

import psycopg


class Refused(Exception):
    """The database says no. `status` is HTTP's, `code` a stable name, the text a sentence for the person."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence = status, code, sentence


def refusal(state: str, code: str | None, sentence: str | None) -> Refused | None:
    """What our functions raise: SQLSTATE `PT` and the status, the code as detail. None: it is another kind of error."""
    if len(state) == 5 and state.startswith("PT") and state[2:].isdecimal():
        return Refused(int(state[2:]), code or "refused", sentence or "This cannot be done.")
    return None


def refusal_of(error: psycopg.Error) -> Refused | None:
    """The refusal that an error of psycopg stands for."""
    return refusal(error.sqlstate or "", error.diag.message_detail, error.diag.message_primary)
