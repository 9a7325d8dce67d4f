"""Policies that ask a CEL library's functions, and texts to ask them about.

Each expression makes text of `x`, which is a ConfigMap's `data.x`. The policies violate
themselves always, with that text as the message; where the expression fails, with `failed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_X = re.compile(r"(?<![\w.'])x(?![\w'])")  # no part of a name, a field or a text
_FORMATS = (
    *("dns1123Label", "dns1123Subdomain", "dns1035Label", "qualifiedName", "dns1123LabelPrefix"),
    *("dns1123SubdomainPrefix", "dns1035LabelPrefix", "labelValue", "uuid", "byte", "date"),
    *("datetime", "uri"),
)
PROBES: Mapping[str, tuple[str, ...]] = {
    "quantity": (
        "string(isQuantity(x))",
        "string(quantity(x).isInteger())",
        "string(quantity(x).asInteger())",
        "string(sign(quantity(x)))",
        "string(quantity(x).compareTo(quantity('1500m')))",
        "string(quantity(x) == quantity('1Ki'))",
        "string(quantity(x).add(quantity('1')).isGreaterThan(quantity('2')))",
        "string(quantity(x).sub(1).isLessThan(quantity('0')))",
        "string(quantity(x).asApproximateFloat() > 1.5)",
        "string(quantity(x).asApproximateFloat() >= 1)",
    ),
    "semver": (
        "string(isSemver(x))",
        "string(isSemver(x, true))",
        "string(semver(x).major()) + '.' + string(semver(x).minor())",
        "string(semver(x, true).patch())",
        "string(semver(x, true).compareTo(semver('1.2.3-rc.1')))",
        "string(semver(x, true).isLessThan(semver('1.10.0')))",
        "string(semver(x, true) == semver('1.2.3'))",
    ),
    "address": (
        "string(isIP(x))",
        "string(isCIDR(x))",
        "string(ip(x))",
        "string(ip(x).family())",
        "string(ip.isCanonical(x))",
        "string(ip(x).isUnspecified()) + string(ip(x).isLoopback())",
        "string(ip(x).isLinkLocalMulticast()) + string(ip(x).isLinkLocalUnicast())",
        "string(ip(x).isGlobalUnicast())",
        "string(cidr(x))",
        "string(cidr(x).prefixLength()) + ' ' + string(cidr(x).ip())",
        "string(cidr(x).masked())",
        "string(cidr('10.0.0.0/8').containsIP(x)) + string(cidr('fd00::/8').containsIP(ip(x)))",
        "string(cidr('10.0.0.0/8').containsCIDR(x))",
        "string(cidr('::/0').containsCIDR(cidr(x)))",
        "string(cidr(x) == cidr(x).masked())",
    ),
    "url": (
        "string(isURL(x))",
        "url(x).getScheme()+'|'",
        "url(x).getHost()+'|'",
        "url(x).getHostname()+'|'",
        "url(x).getPort()+'|'",
        "url(x).getEscapedPath()+'|'",
        "url(x).getQuery().map(k, k + '=' + url(x).getQuery()[k].join('+')).sort().join('&')+'|'",
    ),
    "regex": (
        "x.find('[0-9]+')+'|'",
        "x.find('(a)(b)?c')+'|'",
        "x.findAll('[0-9]+').join(',')+'|'",
        "x.findAll('(?P<word>[a-z])([0-9])', 2).join(',')+'|'",
        "x.find('[(]a')+x.find('[^(a]b')+x.find('\\\\(')+'|'",
        "x.find(x)+'|'",
        "string(x.matches('^[a-z]+$'))",
        "string(x.matches(x))",
    ),
    "lists": (
        "string(x.split(',').isSorted())",
        "x.split(',').min()+'|'",
        "x.split(',').max()+'|'",
        "string(x.split(',').indexOf('b'))",
        "string(x.split(',').lastIndexOf('b'))",
        "string(x.split(',').map(i, size(i)).sum())",
        "x.split(',').sort().join(';')+'|'",
        "x.split(',').distinct().join(';')+'|'",
        "x.split(',').slice(0, 1).join(';')+'|'",
        "x.split(',').first().orValue('none')+'|'",
        "string(sets.contains(x.split(','), ['b']))",
        "string(sets.equivalent(x.split(','), ['b', 'a']))",
        "string(sets.intersects(x.split(','), ['b', 'z']))",
        "x.split(',').transformList(i, v, string(i) + v).join(';')+'|'",
        "string(x.split(',').exists(i, v, i == 1 && v == 'b'))",
        "string([[x], ['y']].flatten().size())",
        "x.split(',').sortBy(i, size(i)).join(';')+'|'",
        "lists.range(3).map(i, string(i)).join('')",
        "x.split(',').transformMap(i, v, v + string(i)).map(k, string(k)).sort().join(';')+'|'",
        "x.split(',').transformMap(i, v, i > 0, v)[1]+'|'",
        "string(x.split(',').transformMapEntry(i, v, {v: i})[x])",
        "string({'a': x}.transformMapEntry(k, v, {v: k, k: v}).size())",
    ),
    "strings": (
        "x.charAt(1)+'|'",
        "string(x.indexOf('b')) + string(x.lastIndexOf('b')) + string(x.indexOf('b', 2))",
        "x.lowerAscii() + x.upperAscii()+'|'",
        "x.replace('b', 'ü') + x.replace('b', 'c', 1)+'|'",
        "x.split('').join('-')+'|'",
        "x.split(',', 2).join('/')+'|'",
        "x.substring(1)+'|'",
        "x.substring(size(x))+x.substring(0, size(x))",
        "string(x.lastIndexOf('b', 1)) + string(x.lastIndexOf('')) + string(x.indexOf('', 1))",
        "x.substring(0, 2)+'|'",
        "x.trim()+'|'",
        "'%s'.format([x]) + '%d%%'.format([size(x)])+'|'",
        "'%.2f %b %o'.format([1.5, 26, 9])",
        "strings.quote(x)",
        "string(size(x))",
        "x.startsWith('a') ? 'yes' : 'no'",
        "string(x < 'b')",
        "string(int(x))",
        "string(double(x))",
        "string(bool(x))",
        "string(timestamp(x))",
        "string(duration(x))",
        "string(duration(x).getSeconds())",
        "string(timestamp(x).getFullYear())",
        "string(bytes(x).size())",
        "string(size(x) > 1.5) + string(2u <= size(x))",
    ),
    "formats": tuple(
        f"format.{name}().validate(x).hasValue() ? "
        f"'{name}: ' + format.{name}().validate(x).value().join('; ') : 'good'"
        for name in _FORMATS
        if name != "uri"
    ),
    "optionals": (
        "object.?data.?y.orValue('none')",
        "object.?data[?'x'].value()+'|'",
        "object.data[?'y'].hasValue() ? 'yes' : 'no'",
        "object.?data.?x.optMap(v, v + '!').orValue('none')",
        "optional.ofNonZeroValue(x).hasValue() ? 'some' : 'none'",
        "{?'a': object.?data.?x}.size() == 1 ? 'one' : 'none'",
        "[?object.?data.?y].size() == 0 ? 'empty' : 'full'",
        "string(format.named(x).hasValue())",
        "object.data.z",
        "string(1 / (size(x) - 1))",
        "string([1, 2][size(x)])",
        "object.metadata.name.x",
        "string(type(object.data) == map) + string(type(x) == string)",
        "string(x in ['a', 'b']) + string('x' in object.data)",
        "string(has(object.data.y)) + string(has(object.metadata.labels))",
        "string(object.data.all(k, v, v == x)) + string(object.data.exists(k, k == 'x'))",
        "string(object.data == {'x': x})",
        "request.kind.kind + request.resource.resource + request.operation + request.name",
        "request.namespace + string(has(request.kind)) + request.requestKind.version",
        "namespaceObject.metadata.name + namespaceObject.metadata.labels['level']",
        "string(oldObject == null) + string(has(request.namespace))",
        "namespaceObject.metadata.labels['kubernetes.io/metadata.name']",
        "namespaceObject.status.phase",
        "request.subResource",
        "string(dyn(x) == 1) + string(dyn(1) == 1.0) + string(dyn(1) < 1.5)",
        "string(size(x) > 0 || 1 / 0 > 1) + string(size(x) < 0 && 1 / 0 > 1)",
    ),
}
INPUTS: Mapping[str, tuple[str, ...]] = {
    "quantity": (
        *(
            "0",
            "1",
            "-1",
            "+1",
            "100m",
            "1.5",
            "1500m",
            ".5",
            "5.",
            ".",
            "",
            "1Ki",
            "1Mi",
            "-1.5Gi",
        ),
        *("1e3", "1E3", "1e-3", "12E", "1E", "1k", "1K", "1n", "0.1n", "-0.1n", "1u", "9Ei"),
        *("9223372036854775807", "9223372036854775808", "99999999999999999999", "1e30", "1e500"),
        *(
            "1 ",
            " 1",
            "1,3",
            "Three",
            "Mi",
            "0x10",
            "1.2.3",
            "--1",
            "1mm",
            "1Kii",
            "1e",
            "1e+3",
            "+",
            "m",
            "1000m",
            "1.0",
            "0.0",
            "00100",
            "2.5e1",
        ),
        *("999999999999999999.999999999", "1.0000000001", "0.5Ki", "1_000", "१"),
    ),
    "semver": (
        *(
            "1.2.3",
            "v1.2.3",
            "1.2",
            "1",
            "01.2.3",
            "1.02.3",
            "1.2.3-rc.1",
            "1.2.3-rc.01",
            "1.2.3+b",
        ),
        *("1.2.3-alpha.beta", "1.2.3--", "1.2.3-", "", "v", "1.2.x", "1.2.3.4", " 1.2.3", "1.10.0"),
        *("18446744073709551615.0.0", "18446744073709551616.0.0", "1.2.3-0", "1.2-rc.1", "00.0.0"),
        *("1.2.3-1", "1.2.3-rc.2", "1.2.3-rc", "v1.2.3+x.y", "1.2.3-a+b-c"),
    ),
    "address": (
        *("10.1.2.3", "0.0.0.0", "127.0.0.1", "255.255.255.255", "169.254.1.1", "224.0.0.1"),
        *("224.0.1.1", "192.168.0.01", "::", "::1", "::0", "fe80::1", "ff02::1", "ff01::1"),
        *("fd00::1", "2001:DB8::abcd", "::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3", "", "a"),
        *(
            "10.0.0.0/8",
            "10.1.2.3/8",
            "10.1.0.0/16",
            "0.0.0.0/0",
            "::/0",
            "fd00::1/64",
            "1.2.3.4/33",
        ),
        *(
            "1.2.3.4/",
            "1.2.3.4/08",
            "1.2.3.4/-1",
            "::ffff:1.2.3.4/24",
            "::1/129",
            "/8",
            "1.2.3.4/8/8",
        ),
        *(
            "1::2::3",
            "12345::",
            "1.2.3.256",
            "240.0.0.1",
            "239.1.1.1",
            "ff12::1",
            "fec0::1",
            "::1.2.3.4",
        ),
    ),
    "url": (
        *("https://user:pass@example.com:80/path?query=val#fragment", "/absolute-path", "../x", ""),
        *(
            "https://a:b:c/",
            "https://example.com/path with spaces/",
            "https://[::1]:80/",
            "http://[::1",
        ),
        *(
            "HTTP://Example.com",
            "https://e.com/a%20b",
            "https://e.com/%zz",
            "https://e.com?a=1&a=2",
        ),
        *(
            "mailto:a@b.c",
            "http://",
            "//host/path",
            "http://a b/",
            "https://e.com/?k k=v v",
            "*",
            ":x",
        ),
        *(
            "https://e.com/?a=%zz&b=1",
            "https://e.com/?a;b=1",
            "https://e.com/a?b?c",
            "http://h:80a/",
        ),
        *(
            "https://e.com/ü",
            "https://ü.com/",
            "http://h/;,$@",
            "http://h/!'()*",
            "s3://bucket/key",
        ),
        *(
            "1http://x",
            "http://u@h",
            "http://u:p@h:1",
            "http://[::1]",
            "http://h:/",
            "http://h/#a#b",
        ),
        *(
            "http://%41/",
            "http://h%zz/",
            "http://<h>/",
            "http://h/a[b]",
            "a:b",
            "/a?b#c",
            "http:/a",
            "x",
        ),
    ),
    "regex": (
        *(
            "abc 123",
            "ab",
            "abcabc",
            "a1b2c3",
            "x(a)b",
            "[",
            "(",
            "a{1,2}",
            "",
            "(?i)a",
            "\\d+",
            "123",
        ),
        *(
            "a.c",
            "a|b",
            "(?P<n>a)",
            "\\Qa(b\\E",
            "[[:alpha:]]",
            "a++",
            "é",
            "(a",
            "x{1001}",
            "\\pL",
        ),
    ),
    "lists": ("a", "b,a", "a,b", "a,b,b", "", ",", "b,b,a,c", "ü,z,a", "aaa,b,cc", "A,a,B,b"),
    "strings": (
        *(
            "abc",
            "b",
            "",
            "aBc",
            " a b ",
            "abcabc",
            "ünïcode",
            "日本語",
            "a,b,c",
            "1",
            "-1",
            "1.5",
            "true",
        ),
        *(
            "TRUE",
            "t",
            "1h30m",
            "1.5s",
            "-5m",
            "2024-02-29T12:00:00Z",
            "2024-02-30T12:00:00Z",
            "1e3",
        ),
        *(
            "2024-01-01T00:00:00.123456789+01:00",
            "9223372036854775807",
            "9223372036854775808",
            "NaN",
        ),
        *(
            "\"q'\\",
            "\t\n",
            "0x1f",
            "1d",
            "100000h",
            "inf",
            "+1",
            " 1",
            "\u00a0x\u00a0",
            "ABC",
            "😀b😀",
        ),
    ),
    "formats": (
        *(
            "my-name",
            "My-Name",
            "a.b",
            "a..b",
            "-a",
            "a-",
            "1a",
            "",
            "a" * 63,
            "a" * 64,
            "a.b/c",
            "a/b/c",
        ),
        *(
            "/c",
            "a/",
            "example.com/MyName",
            "my_value",
            "ümlaut",
            "123e4567-e89b-12d3-a456-426614174000",
        ),
        *(
            "aGVsbG8=",
            "aGVsbG8",
            "!",
            "2021-01-01",
            "2021-02-30",
            "2021-01-01T00:00:00Z",
            "a-b-",
            "-",
        ),
        *(
            "2021-01-01T00:00:00",
            "2021-01-01t00:00:00.5+01:00",
            "2021-01-01 00:00:00Z",
            "a" * 254,
            "a.",
        ),
        *(
            "123E4567E89B12D3A456426614174000",
            "0000-01-01",
            "2021-01-01T24:00:00Z",
            "2021-01-01T23:59:60Z",
        ),
    ),
    "optionals": ("a", "b", "abc", "", "dns1123Label", "nope"),
}


# What the library that we use gets otherwise: conversions from text and to it.
KNOWN = {
    ("lists-0", 21),  # {'a': 1, 'a': 2} is an error
    ("strings-16", 21),  # string(duration('1.5s')) is 1.500s
    ("strings-21", 20),  # string(timestamp(…)) is in UTC
    ("strings-24", 18),  # string(double('NaN')) is nan
    ("strings-27", 18),  # double('0x1f') is 31
    ("strings-30", 18),  # string(double('inf')) is inf
    ("strings-32", 17),  # int(' 1') is 1
    ("strings-32", 18),  # double(' 1') is 1
}


def policies() -> Iterator[dict[str, Any]]:
    """One policy with its binding a library; each is about the ConfigMaps that are labelled so."""
    for group, expressions in PROBES.items():
        yield {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": f"probe-{group}"},
            "spec": {
                "matchConstraints": {
                    "resourceRules": [
                        {
                            "apiGroups": [""],
                            "apiVersions": ["v1"],
                            "operations": ["CREATE"],
                            "resources": ["configmaps"],
                        }
                    ],
                    "objectSelector": {"matchLabels": {"probe": group}},
                },
                "variables": [{"name": "x", "expression": "string(object.data.x)"}],
                "validations": [
                    {
                        "expression": "object == null",
                        "message": f"{number}: failed",
                        "messageExpression": f"'{number}: ' + "
                        f"({_X.sub('variables.x', expression)})",
                    }
                    for number, expression in enumerate(expressions)
                ],
            },
        }
        yield {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": f"probe-{group}"},
            "spec": {"policyName": f"probe-{group}", "validationActions": ["Warn"]},
        }


def objects() -> Iterator[dict[str, Any]]:
    """Every input as a ConfigMap, labelled with its library's name."""
    for group, texts in INPUTS.items():
        for number, text in enumerate(texts):
            yield {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": f"{group}-{number}", "labels": {"probe": group}},
                "data": {"x": text},
            }
