"""Serializers: declared like DRF's, so that the schema describes them; reading is compiled, writing is strict."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from types import BuiltinFunctionType, FunctionType
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from foundation.text import BadText, clean

_PROSE_FROM = 256  # a text field that may be longer than this may hold line breaks
_PLAIN = (
    serializers.CharField,
    serializers.IntegerField,
    serializers.FloatField,
    serializers.BooleanField,
    serializers.DateTimeField,
    serializers.DateField,
    serializers.UUIDField,
    serializers.DecimalField,
    serializers.JSONField,
    serializers.ListField,
    serializers.DictField,
    serializers.ChoiceField,
    serializers.ReadOnlyField,
)

# Not inspect.isroutine: it also takes Django's field descriptors for methods.
_METHODS = (FunctionType, BuiltinFunctionType, staticmethod, classmethod, functools.partialmethod)

Getter = Callable[[Any], Any]


class FastList(serializers.ListSerializer[Any]):
    """`many=True` without a bound field copied for every row."""

    def to_representation(self, data: Any) -> list[Any]:
        """The rows; a manager or queryset is iterated once."""
        child = self.child
        if isinstance(child, ReadSerializer):
            return child.represent(data.all() if hasattr(data, "all") else data)
        found: list[Any] = super().to_representation(data)
        return found


class ReadSerializer(serializers.Serializer[Any]):
    """A resource's one shape, for list and detail alike.

    Sources may be dotted and may name methods without arguments; a None on the way gives None. Rows may be objects or
    mappings. Values go out as they are (the renderer knows times, UUIDs and decimals): what a field declares is for
    the schema. Fields that are neither plain, nested nor method fields fall back to DRF's own conversion.
    """

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> Any:
        """DRF's hook for `many=True`: the same, with the fast list."""
        lists: dict[str, Any] = {name: value for name, value in kwargs.items() if name in serializers.LIST_SERIALIZER_KWARGS}
        for name in serializers.LIST_SERIALIZER_KWARGS_REMOVE:
            kwargs.pop(name, None)
        lists["child"] = cls(*args, **kwargs)
        return FastList(*args, **lists)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """One row."""
        return self._row(instance, self._plan(type(instance)))

    def represent(self, instances: Iterable[Any]) -> list[dict[str, Any]]:
        """Many rows; the plan is looked up once per row type."""
        rows: list[dict[str, Any]] = []
        last: type | None = None
        plan = _Plan((), None, ())
        for instance in instances:
            if type(instance) is not last:
                last = type(instance)
                plan = self._plan(last)
            rows.append(self._row(instance, plan))
        return rows

    def _row(self, instance: Any, plan: "_Plan") -> dict[str, Any]:
        if plan.fetch is None:
            row: dict[str, Any] = {name: getter(instance) for name, getter in zip(plan.names, plan.getters, strict=True)}
        else:
            row = dict(zip(plan.names, plan.fetch(instance), strict=True))
        for name, finish in plan.finishers:
            row[name] = finish(self, row[name])
        return row

    def _plan(self, row_type: type) -> "_Plan":
        return _plan(type(self), row_type, self._only())

    def _only(self) -> frozenset[str] | None:
        chosen = self.context.get("only")
        return None if chosen is None else frozenset(chosen)

    def nested(self, name: str) -> Any:
        """The nested serializer of a field, made once per serializer with this one's context."""
        made: dict[str, Any] = self.__dict__.setdefault("_nested_serializers", {})
        if name not in made:
            declared: Any = self._declared_fields[name]
            child: Any = getattr(declared, "child", declared)
            context = {key: value for key, value in self.context.items() if key != "only"}
            made[name] = type(child)(context=context)
        return made[name]


class _Plan:
    """How one row type becomes one shape: names in order, how to get all at once, what still needs work."""

    __slots__ = ("fetch", "finishers", "getters", "names")

    def __init__(self, fields: Iterable[tuple[str, Getter]], fetch: Getter | None, finishers: Iterable[tuple[str, Any]]) -> None:
        pairs = tuple(fields)
        self.names = tuple(name for name, _ in pairs)
        self.getters = tuple(getter for _, getter in pairs)
        self.fetch = fetch
        self.finishers = tuple(finishers)


@functools.lru_cache(maxsize=1024)
def _plan(shape: type[ReadSerializer], row_type: type, only: frozenset[str] | None) -> _Plan:
    declared: Mapping[str, Any] = shape._declared_fields  # noqa: SLF001 - the fields as written, before DRF copies them
    chosen = {name: field for name, field in declared.items() if not field.write_only and (only is None or name in only)}
    getters = [(name, _getter(name, field, row_type)) for name, field in chosen.items()]
    finishers = [(name, finish) for name, field in chosen.items() if (finish := _finisher(name, field)) is not None]
    return _Plan(getters, _all_at_once(chosen, row_type), finishers)


def _source(name: str, field: Any) -> str:
    return str(field.source or name)


def _all_at_once(chosen: Mapping[str, Any], row_type: type) -> Getter | None:
    """One C call for all attributes, where every source is a plain attribute of an object."""
    sources = [_source(name, field) for name, field in chosen.items()]
    plain = len(sources) > 1 and not issubclass(row_type, Mapping)
    if plain and all(s.isidentifier() and not _is_method(row_type, s) for s in sources) and not _has_methods(chosen):
        return attrgetter(*sources)
    return None


def _has_methods(chosen: Mapping[str, Any]) -> bool:
    return any(isinstance(field, serializers.SerializerMethodField) for field in chosen.values())


def _is_method(row_type: type, name: str) -> bool:
    found = inspect.getattr_static(row_type, name, None)
    return isinstance(found, _METHODS)


def _getter(name: str, field: Any, row_type: type) -> Getter:
    source = _source(name, field)
    if source == "*" or isinstance(field, serializers.SerializerMethodField):
        return lambda instance: instance
    steps = source.split(".")
    if issubclass(row_type, Mapping):
        return _mapping_getter(steps)
    if len(steps) == 1:
        simple = attrgetter(source)
        return (lambda instance: simple(instance)()) if _is_method(row_type, source) else simple
    return functools.partial(_follow, steps)


def _mapping_getter(steps: list[str]) -> Getter:
    if len(steps) == 1:
        key = steps[0]
        return lambda row: row.get(key)
    return functools.partial(_follow, steps)


def _follow(steps: list[str], value: Any) -> Any:
    for step in steps:
        if value is None:
            return None
        value = value.get(step) if isinstance(value, Mapping) else getattr(value, step)
        if inspect.isroutine(value):
            value = value()
    return value


def _finisher(name: str, field: Any) -> Callable[[ReadSerializer, Any], Any] | None:
    if isinstance(field, serializers.SerializerMethodField):
        method = field.method_name or f"get_{name}"
        return lambda serializer, value: getattr(serializer, method)(value)
    if isinstance(field, serializers.ListSerializer) and isinstance(field.child, ReadSerializer):
        return lambda serializer, value: None if value is None else serializer.nested(name).represent(_iterable(value))
    if isinstance(field, ReadSerializer):
        return lambda serializer, value: None if value is None else serializer.nested(name).to_representation(value)
    if isinstance(field, _PLAIN) and type(field).to_representation in _OWN:
        return None
    return lambda serializer, value: None if value is None else serializer.fields[name].to_representation(value)


_OWN = {kind.to_representation for kind in _PLAIN} | {
    each.to_representation
    for each in vars(serializers).values()
    if inspect.isclass(each) and issubclass(each, _PLAIN) and each is not serializers.MultipleChoiceField
}


def _iterable(value: Any) -> Iterable[Any]:
    found: Iterable[Any] = value.all() if hasattr(value, "all") else value
    return found


class CommandSerializer(serializers.Serializer[Any]):
    """A command's input: unknown keys are refused, nothing is coerced, text is cleaned, every fault is told.

    Text fields of up to 255 characters are one line; longer or unbounded ones may hold line breaks and tabs.
    """

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Raises ValidationError with all faults of this level and below."""
        if not isinstance(data, Mapping):
            return dict(super().to_internal_value(data))  # DRF's own refusal of what is no object
        faults: dict[str, Any] = {key: [_fault("unknown-field", "There is no such field.")] for key in data if key not in self.fields}
        prepared = dict(data)
        for name, field in self.fields.items():
            if name in data:
                _prepare(field, name, prepared, faults)
        try:
            value: Any = super().to_internal_value({k: v for k, v in prepared.items() if k not in faults})
        except ValidationError as error:
            told = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
            raise ValidationError({**told, **faults}) from None
        if faults:
            raise ValidationError(faults)
        return dict(value)


def _prepare(field: Any, name: str, prepared: dict[str, Any], faults: dict[str, Any]) -> None:
    try:
        prepared[name] = _checked(field, prepared[name])
    except ValidationError as error:
        faults[name] = error.detail


def _checked(field: Any, raw: Any) -> Any:
    """The raw value with its text cleaned; raises ValidationError when its JSON type is not the field's."""
    if raw is None:
        return raw
    if isinstance(field, serializers.ListField):
        return _each(field.child, _typed(raw, list, "a list"))
    if isinstance(field, serializers.DictField) and not isinstance(field, serializers.HStoreField):
        members: dict[str, Any] = _typed(raw, dict, "an object")
        return {_cleaned(key, None): _checked(field.child, item) for key, item in members.items()}
    for kinds, allowed, words in _JSON_TYPES:
        if isinstance(field, kinds):
            _typed(raw, allowed, words)
            break
    return _cleaned(raw, field) if isinstance(raw, str) and isinstance(field, serializers.CharField | serializers.ChoiceField) else raw


def _each(child: Any, items: list[Any]) -> list[Any]:
    faults: Any = {}
    checked: list[Any] = []
    for index, item in enumerate(items):
        try:
            checked.append(_checked(child, item))
        except ValidationError as error:
            faults[index] = error.detail
    if faults:
        raise ValidationError(faults)
    return checked


_JSON_TYPES: tuple[tuple[Any, Any, str], ...] = (
    (serializers.BooleanField, bool, "true or false"),
    (serializers.IntegerField, int, "an integer"),
    (serializers.FloatField, (int, float), "a number"),
    (serializers.DecimalField, (str, int), "a decimal as a string"),
    (serializers.ChoiceField, (str, int), "one of the choices"),
    (
        (serializers.CharField, serializers.UUIDField, serializers.DateTimeField, serializers.DateField, serializers.DurationField),
        str,
        "a string",
    ),
)


def _typed(raw: Any, allowed: Any, words: str) -> Any:
    if not isinstance(raw, allowed) or (isinstance(raw, bool) and allowed is not bool):
        raise ValidationError([_fault("wrong-type", f"Expected {words}.")])
    return raw


def _cleaned(text: str, field: Any) -> str:
    longest = getattr(field, "max_length", None)
    prose = isinstance(field, serializers.CharField) and (longest is None or longest >= _PROSE_FROM)
    try:
        return clean(text, multiline=prose)
    except BadText as error:
        raise ValidationError([_fault(error.code, error.detail)]) from None


def _fault(code: str, words: str) -> ErrorDetail:
    return ErrorDetail(words, code=code)
