"""Bills of materials, from package records as they lie in an image."""

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from images import bill_of_materials

STATUS = """Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u14

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: adduser
Status: install ok installed
Architecture: all
Version: 1:3.134
"""
COPYRIGHT = "Format: https://debian.example\n\nFiles: *\nLicense: LGPL-2.1+\n\nLicense: BSD-3-clause\n"
FILES = {
    "dpkg/status": STATUS,
    "dpkg/status.d/libtorch1.13": "Package: libtorch1.13\nVersion: 1.13.1+dfsg-4\nArchitecture: amd64\n",
    "doc/libc6/copyright": COPYRIGHT,
    "fate_flow-2.dist-info/METADATA": "Name: fate_flow\nVersion: 2.2.0\nLicense: Apache-2.0\n",
    "x-1.dist-info/METADATA": "Name: X\nVersion: 1\nLicense-Expression: MIT OR Apache-2.0\n",
    "y-1.dist-info/METADATA": ("Name: y\nVersion: 1\nClassifier: License :: OSI Approved :: BSD License\n"),
}

MAVENS_OWN = {
    "components": [
        {
            "name": "netty-epoll",
            "version": "4.1",
            "purl": "pkg:maven/io.netty/netty-epoll@4.1?classifier=linux&type=jar",
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "MD5", "content": "0"}],
        }
    ]
}
JARS = {
    "doc/pulsar/bom.cdx.json": json.dumps(MAVENS_OWN),
    "netty-epoll-4.1-linux.jar": json.dumps(["io.netty", "netty-epoll", "4.1", []]),
    "spark-core_2.12-3.5.3.jar": json.dumps(["org.apache.spark", "spark-core_2.12", "3.5.3", ["Apache 2.0"]]),
    "xz-1.9.jar": json.dumps(["", "xz", "1.9", []]),
}


def components(files: Mapping[str, str]) -> dict[str, bill_of_materials.Component]:
    return {part["name"]: part for part in bill_of_materials.bill("fateflow", "0123", files)["components"]}


def test_installed_packages_are_listed_and_removed_ones_are_not() -> None:
    assert set(components(FILES)) == {"libc6", "adduser", "libtorch1.13", "fate_flow", "X", "y"}


def test_package_urls_are_escaped_and_normalised() -> None:
    purls = {name: part["purl"] for name, part in components(FILES).items()}
    assert purls["libc6"] == "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12"
    assert purls["adduser"] == "pkg:deb/debian/adduser@1%3A3.134?arch=all&distro=debian-12"
    assert purls["fate_flow"] == "pkg:pypi/fate-flow@2.2.0"


def test_licences_are_told_where_a_package_tells_them() -> None:
    licences = {name: part.get("licenses") for name, part in components(FILES).items()}
    assert licences["libc6"] == [{"license": {"name": "BSD-3-clause"}}, {"license": {"name": "LGPL-2.1+"}}]
    assert licences["adduser"] is None, "no copyright file, so nothing is claimed"
    assert licences["fate_flow"] == [{"license": {"name": "Apache-2.0"}}]
    assert licences["X"] == [{"expression": "MIT OR Apache-2.0"}]
    assert licences["y"] == [{"license": {"name": "BSD License"}}]


def test_jars_are_listed_as_maven_wrote_them_down_else_as_they_tell_themselves() -> None:
    told = {part["purl"]: part.get("licenses") for part in components(JARS).values()}
    assert told == {
        "pkg:maven/io.netty/netty-epoll@4.1?classifier=linux&type=jar": [{"license": {"id": "Apache-2.0"}}],
        "pkg:maven/org.apache.spark/spark-core_2.12@3.5.3?type=jar": [{"license": {"name": "Apache 2.0"}}],
        "pkg:generic/xz@1.9": None,
    }


def packed(path: str, content: bytes = b"text") -> Iterator[bytes]:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(path)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    yield archive.getvalue()


@pytest.mark.parametrize(
    ("path", "known_as"),
    [
        ("var/lib/dpkg/status", "dpkg/status"),
        ("var/lib/dpkg/status.d/libtorch1.13", "dpkg/status.d/libtorch1.13"),
        ("usr/share/doc/libc6/copyright", "doc/libc6/copyright"),
        ("usr/share/doc/pulsar/bom.cdx.json", "doc/pulsar/bom.cdx.json"),
        ("usr/local/lib/python3.11/dist-packages/six-1.dist-info/METADATA", "six-1.dist-info/METADATA"),
        ("opt/venv/lib/python3.11/site-packages/six-1.dist-info/METADATA", "six-1.dist-info/METADATA"),
        ("usr/lib/python3/dist-packages/torch-1.dist-info/METADATA", None),
        ("usr/lib/python3.11/ensurepip/METADATA", None),
        ("opt/java/lib/jrt-fs.jar", None),
        ("etc/passwd", None),
    ],
)
def test_packages_are_found_wherever_they_lie_and_debian_s_own_once(path: str, known_as: str | None) -> None:
    assert [name for name, _ in bill_of_materials._records(packed(path))] == ([known_as] if known_as else [])


def test_of_a_jar_what_it_tells_of_itself_is_kept() -> None:
    jar = io.BytesIO()
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/maven/org.a/a/pom.properties", "version=1\n")
    records = dict(bill_of_materials._records(packed("opt/lib/a-1.jar", jar.getvalue())))
    assert records == {"a-1.jar": json.dumps(["org.a", "a", "1", []])}


def test_a_bill_is_one_of_cyclonedx_1_5() -> None:
    bill = json.dumps(bill_of_materials.bill("fateflow", "0123", {**FILES, **JARS}))
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(bill) is None


def test_the_order_of_reading_makes_no_difference() -> None:
    backwards = dict(reversed(FILES.items()))
    assert bill_of_materials.bill("n", "0", FILES) == bill_of_materials.bill("n", "0", backwards)


def test_another_version_of_a_package_is_another_bill() -> None:
    newer = {**FILES, "dpkg/status": STATUS.replace("deb12u14", "deb12u15")}
    serials = {bill_of_materials.bill("n", "0", files)["serialNumber"] for files in (FILES, newer)}
    assert len(serials) == 2
