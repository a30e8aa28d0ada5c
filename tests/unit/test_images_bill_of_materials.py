"""Bills of materials, from package records as they lie in an image."""

import json
from collections.abc import Mapping

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
    "dist-packages/fate_flow-2.dist-info/METADATA": "Name: fate_flow\nVersion: 2.2.0\nLicense: Apache-2.0\n",
    "dist-packages/x-1.dist-info/METADATA": "Name: X\nVersion: 1\nLicense-Expression: MIT OR Apache-2.0\n",
    "dist-packages/y-1.dist-info/METADATA": (
        "Name: y\nVersion: 1\nClassifier: License :: OSI Approved :: BSD License\n"
    ),
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


def test_a_bill_is_one_of_cyclonedx_1_5() -> None:
    bill = json.dumps(bill_of_materials.bill("fateflow", "0123", FILES))
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(bill) is None


def test_the_order_of_reading_makes_no_difference() -> None:
    backwards = dict(reversed(FILES.items()))
    assert bill_of_materials.bill("n", "0", FILES) == bill_of_materials.bill("n", "0", backwards)


def test_another_version_of_a_package_is_another_bill() -> None:
    newer = {**FILES, "dpkg/status": STATUS.replace("deb12u14", "deb12u15")}
    serials = {bill_of_materials.bill("n", "0", files)["serialNumber"] for files in (FILES, newer)}
    assert len(serials) == 2
