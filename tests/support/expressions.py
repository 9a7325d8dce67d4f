"""Expressions that must be refused when a policy is read, and where."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """An expression, what is said of it, the column at which, and whether the API server refuses
    it too."""

    expression: str
    message: str
    column: int
    there: bool = True


REFUSED = (
    Case("object.x ==", "can't be compiled: Syntax error: mismatched input '<EOF>'", 12),
    Case("foo.bar == 1", "names 'foo', which is not there", 1),
    Case("true && nope(1)", "names 'nope', which is not there", 9),
    Case("object.spec", "gives dyn, where Kubernetes asks for bool", 1),
    Case("'text'", "gives string, where Kubernetes asks for bool", 1),
    Case("'a' + 1 == ''", "can't be compiled: found no matching overload for '_+_'", 5),
    Case("params.x == 1", "names 'params', which is not there", 1),
    Case("variables.x == 1", "uses 'variables.x', which is no variable declared before", 1),
    Case("request.nope == 1", "uses 'request.nope', which is no field of a request", 1),
    Case("request.kind.nope == ''", "uses 'request.kind.nope', which is no field of a request", 1),
    Case("request.name == 1", "can't be compiled: found no matching overload for '_==_'", 14),
    Case("namespaceObject.nope == 1", "uses 'namespaceObject.nope', which is no field", 1),
    Case("namespaceObject.metadata.nope == 1", "uses 'namespaceObject.metadata.nope'", 1),
    Case("quantity('1') > quantity('2')", "found no matching overload for '_>_'", 15),
    Case("quantity('1').foo == 1", "'kubernetes.Quantity' cannot be the operand of a select", 14),
    Case("semver('1.2.3').isLessThan(quantity('1'))", "no matching overload for 'isLessThan'", 27),
    Case("ip('::1').containsIP('::1')", "found no matching overload for 'containsIP'", 21),
    Case("'abc'.reverse() == ''", "found no matching overload for 'reverse'", 14),
    Case("['a'].sum() == 1", "found no matching overload for 'sum'", 10),
    Case("[1].indexOf('a') == 1", "found no matching overload for 'indexOf'", 12),
    Case("'a'.substring('b') == ''", "found no matching overload for 'substring'", 14),
    Case("math.greatest(1, 2) == 2", "names 'math', which is not there", 1),
    Case("base64.encode(b'a') == ''", "names 'base64', which is not there", 1),
    Case("jsonpatch.escapeKey('a') == ''", "names 'jsonpatch', which is not there", 1),
    Case("cel.bind(x, 1, x == 1)", "uses 'cel.bind', which Kubernetes has not", 1),
    Case("object.`a-b` == 1", "uses backticks, which Kubernetes has not", 8),
    Case("'a' < 1", "can't be compiled: found no matching overload for '_<_'", 5),
    Case("'a'.matches('^a(?=b)')", "where a regular expression as of Go", 13),
    Case("matches('a', r'[')", "has r'[' in it, where a regular expression", 14),
    Case("duration('1d') == duration('24h')", "where a duration such as 1h30m", 10),
    Case("timestamp('2026-01-31') == timestamp(0)", "where a time such as", 11),
    Case("true ? 1 : 'a'", "can't be compiled: found no matching overload for '_?_:_'", 6),
    # The API server takes these; they can't be judged without it.
    Case("authorizer.group('').check('x').allowed()", "uses 'authorizer'", 1, False),
    Case("request.userInfo.username == 'x'", "uses 'request.userInfo', which is known", 1, False),
    Case("has(request.options)", "uses 'request.options', which is known", 5, False),
    Case("true || request.userInfo.uid == ''", "uses 'request.userInfo'", 9, False),
    Case(
        "format.uri().validate('x').orValue([]) == []",
        "asks the result of 'validate' other than with .hasValue() or .value()",
        14,
        False,
    ),
    Case(
        "format.named('x') == optional.none()",
        "asks the result of 'named' other than with .hasValue() or .value()",
        8,
        False,
    ),
    Case("[duration('1s')].sum() == duration('1s')", "no matching overload for 'sum'", 21, False),
    Case("'+'.join(['a'])" + " + 'a'" * 40 + " == ''", "is nested more than 32 levels", 1, False),
    Case("object.a" + ".a" * 40 + " == 1", "is nested more than 32 levels deep", 1, False),
)
