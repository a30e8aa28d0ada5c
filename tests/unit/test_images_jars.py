"""What a jar tells of itself, from jars as Maven makes them."""

import io
import zipfile
from collections.abc import Mapping

from images.jars import Jar, described

POM = """<project xmlns="urn:a-namespace">
  <licenses>
    <license><name>The Apache
      License</name></license>
    <license><name>EPL 1.0</name></license>
    <license><url>elsewhere</url></license>
  </licenses>
</project>
"""


def jar(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return packed.getvalue()


def record(group: str, name: str, version: str, pom: str | None = None) -> dict[str, str]:
    folder = f"META-INF/maven/{group}/{name}"
    properties = {f"{folder}/pom.properties": f"#Created by Maven\nartifactId={name}\nversion={version}\n"}
    return properties | ({f"{folder}/pom.xml": pom} if pom else {})


def test_a_jar_is_known_by_its_own_record_and_its_pom_s_licences() -> None:
    content = jar(record("org.example", "core", "1.2", POM))
    assert described("core-1.2.jar", content) == Jar(
        "org.example", "core", "1.2", ["EPL 1.0", "The Apache License"]
    )


def test_the_records_of_jars_that_are_packed_into_another_are_not_its_own() -> None:
    content = jar(record("org.inner", "guava", "14") | record("org.example", "shaded", "3"))
    assert described("shaded-3.jar", content) == Jar("org.example", "shaded", "3", [])


def test_a_jar_without_a_record_of_its_own_is_known_by_its_file_s_name() -> None:
    content = jar(record("org.inner", "guava", "14"))
    assert described("scala-library-2.12.18.jar", content) == Jar("", "scala-library", "2.12.18", [])
    assert described("tools.jar", content) == Jar("", "tools.jar", "unknown", [])
