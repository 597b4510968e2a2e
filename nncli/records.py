"""Records: validated data from nncli's own files."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Count = Annotated[int, Field(strict=True, ge=0, le=1 << 53)]
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]

Kind = TypeVar("Kind")

_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)
_SENTENCES = {"missing": "is missing", "extra_forbidden": "is unknown"}


class Record(BaseModel):
    """A record with known keys and finite numbers only."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def read(kind: type[Kind], value: object, *place: str) -> Kind:
    """Return plain values, or JSON in bytes, as a record or dataclass; `place` is their key in the file.

    Raises:
        ValueError: the first missing or invalid value, in one line.
    """
    adapter = _adapter(kind)
    try:
        found: Kind = adapter.validate_json(value) if isinstance(value, bytes) else adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, (*place, *first["loc"]))) or "it"
        said = first["msg"].replace("Input should", "should").replace("Invalid JSON", "is not JSON")
        raise ValueError(f"{where:.100} {_SENTENCES.get(first['type'], said):.200}") from None
    return found
