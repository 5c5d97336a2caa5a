"""PATCH as JSON merge patch: what is named replaces, lists as a whole, null takes away. source  RFC 7396"""

from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from contracts.shapes import Request

Whole = TypeVar("Whole", bound=Request)


def merged(model: type[Whole], current: dict[str, Any], patch: Request) -> Whole:
    """The resource after the patch, judged like a body that would create it.

    current  the resource now, as such a body
    raises   RequestValidationError, with a pointer to each wrong field
    """
    whole = current | patch.model_dump(mode="json", by_alias=True, exclude_unset=True)
    try:
        return model.model_validate({name: value for name, value in whole.items() if value is not None})
    except ValidationError as error:
        raise RequestValidationError([{**line, "loc": ("body", *line["loc"])} for line in error.errors()]) from error
