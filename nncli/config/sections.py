"""What every section of a configuration shares: frozen, closed to unknown keys, exact about types."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Whole = Annotated[int, Field(strict=True)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Probability = Annotated[Real, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A mapping of the configuration file; immutable, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # a validator is built when first used

    @model_validator(mode="before")
    @classmethod
    def _leave_out_the_empty(cls, raw: Any) -> Any:  # noqa: ANN401 - anything a file may hold
        """Read a key without a value as a key that is not there, as in a section whose lines are all comments."""
        if not isinstance(raw, dict):
            return raw
        return {key: value for key, value in raw.items() if value is not None or key not in cls.model_fields}
