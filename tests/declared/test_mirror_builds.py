"""What a mirror builds and pushes: the base too, under names that no other stack on the engine has."""

import pytest

from components import image_builder
from images import recipes
from tests.declared.program import declare, stack_file


def mirror(**settings: object) -> dict[str, object]:
    values = stack_file("dev")
    values["mirror"] = {**values["mirror"], **settings}
    return values


def test_the_base_is_built_where_all_others_are() -> None:
    built = declare(stack_file("dev")).of("RemoteImage")
    base = built["mirror-base-build"]
    for name in ("mirror-registry-build", "mirror-fateflow-build"):
        assert built[name]["build"]["buildArgs"] == {"BASE": base["name"]}, f"{name} stands on another base"


def test_two_stacks_on_one_engine_share_no_tag_that_stays_on_it() -> None:
    one, other = (_built_names(stack, port) for stack, port in (("dev", 5000), ("trial", 5001)))
    assert not one & other, "what one builds anew would be the other's drift"


def _built_names(stack: str, port: int) -> set[str]:
    images = declare(mirror(port=port), stack=stack).of("RemoteImage")
    return {image["name"] for image in images.values() if "build" in image}


def test_a_mirror_that_others_fill_builds_and_pushes_nothing() -> None:
    declared = declare(mirror(builds=False))
    images = declared.of("RemoteImage")
    assert not declared.of("RegistryImage")
    assert not [name for name, image in images.items() if "build" in image]
    assert images["mirror-registry-image"]["name"] == recipes.image_reference("registry"), (
        "as a bundle has it"
    )
    gateway = f"localhost:5000/fate/nginx:{recipes.recipe_digest('nginx')}"
    assert images["party-9999-gateway-image"]["name"] == gateway


PARENTS = {
    "base": (),
    "hadoop": ("base", "mariadb"),
    "nginx": ("base", "hadoop", "fateflow"),
    "rabbitmq": ("hadoop",),
}
"""As if one image stood on another that is pushed, and on one that no service runs."""


def test_what_images_stand_on_is_built_once_and_pushed_only_where_a_service_runs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(image_builder, "parents", lambda recipe: PARENTS.get(recipe, ("base",)))
    declared = declare(stack_file("dev"))
    built = declared.of("RemoteImage")
    parent = built["mirror-hadoop-build"]
    assert parent["name"] == f"fate/hadoop:{recipes.tag_of('hadoop', 'fate-dev')}", "it stays on the engine"
    assert parent["build"]["buildArgs"] == {
        "BASE": built["mirror-base-build"]["name"],
        "MARIADB": built["mirror-database-build"]["name"],
    }
    assert built["mirror-gateway-build"]["build"]["buildArgs"] == {
        "BASE": built["mirror-base-build"]["name"],
        "HADOOP": parent["name"],
        "FATEFLOW": built["mirror-fateflow-build"]["name"],
    }
    assert built["mirror-broker-build"]["build"]["buildArgs"] == {"HADOOP": parent["name"]}
    assert set(declared.of("RegistryImage")) == {
        f"mirror-{service}-push" for service in ("broker", "database", "fateflow", "gateway")
    }


def test_what_is_pushed_has_the_recipe_s_digest_as_tag() -> None:
    pushed = declare(stack_file("dev")).of("RegistryImage")["mirror-gateway-push"]
    assert pushed["name"] == f"localhost:5000/fate/nginx:{recipes.recipe_digest('nginx')}"


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://localhost:5000"),
        ({"bind": "192.0.2.7"}, "http://192.0.2.7:5000"),
        ({"bind": "192.0.2.7", "address": "registry.bank.example:5000"}, "http://registry.bank.example:5000"),
        ({"address": "registry.bank.example:443"}, "https://registry.bank.example:443"),
    ],
)
def test_a_registry_without_tls_is_asked_without(settings: dict[str, object], address: str) -> None:
    pushed = declare(mirror(**settings)).of("RegistryImage")
    assert {push["authConfig"]["address"] for push in pushed.values()} == {address}


def test_a_build_names_its_recipe_and_hands_over_files_by_their_names_alone() -> None:
    build = declare(stack_file("dev")).of("RemoteImage")["mirror-fateflow-build"]["build"]
    assert build["labels"] == {"fate.recipe": recipes.recipe_digest("fateflow")}
    assert {secret["src"] for secret in build["secrets"]} == {
        "./images/secrets/machine.crt",
        "./images/secrets/pip.conf",
    }
