"""One party of a stack, read from the stack's file with everything that its chart's values follow from.

Neither a cluster nor a network is asked. What other stacks tell, and what was pushed to the stack's own
mirror, comes from outputs that were saved. Pulumi is asked only for secrets that the stack's file has
encrypted.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pulumi import RunError

from components.federation import routes_of
from components.images import images_of, pulled_images, pushed_images
from components.party import owner_of
from components.runtimes.chart import Release
from components.runtimes.names import PULL_SECRET, Names, name_faults
from components.runtimes.ownership import Ownership
from components.runtimes.runtime import Owner
from components.services.context import PartyContext
from components.services.passwords import owner_fingerprint, revision
from components.services.service import Service
from config import (
    ConfigurationFault,
    DistributionMirror,
    ExternalMirror,
    HarborMirror,
    KubernetesSettings,
    PartySettings,
    StackSettings,
    check_secret_key,
    kept_secret_key,
    load,
)
from config.harbor_contents import HarborElsewhere
from config.secret_key import PREFIX, SECRET_KEY
from config.secrets import SECRETS, values_of
from config.stack_file import values_in
from ops.chart.faults import ChartFault

PROJECT_FILE = "Pulumi.yaml"
KEY_ITSELF = ", or give the key itself: --secret-key-file FILE"
LIMIT = 60
"""Seconds that Pulumi may take to open a secret."""


@dataclass(frozen=True)
class StackFile:
    """A `Pulumi.<stack>.yaml` beside its project's `Pulumi.yaml`."""

    file: Path
    outputs: Mapping[str, Path] = field(default_factory=dict)
    """By the full name of a stack, its outputs as `pulumi stack output --json` printed them."""
    key_file: Path | None = None
    """Holds the stack's secret key; else it is what the stack's file or this checkout has."""

    @cached_property
    def name(self) -> str:
        """Return the stack's name. Raises ChartFault for a file that is called otherwise."""
        parts = self.file.name.split(".")
        if len(parts) < 3 or parts[0] != "Pulumi" or parts[-1] != "yaml":
            raise ChartFault(
                f"{self.file} is not called Pulumi.STACK.yaml, which tells the stack's name: objects and"
                " namespaces are named after it. Give it that name."
            )
        return ".".join(parts[1:-1])

    @cached_property
    def project(self) -> str:
        """Return the project's name. Raises ChartFault where none is told."""
        file = self.file.with_name(PROJECT_FILE)
        try:
            return str(yaml.safe_load(file.read_text(encoding="utf-8"))["name"])
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            raise ChartFault(
                f"{file} tells no project's name, after which namespaces are named ({error}). Put the stack's"
                " file into its project's folder."
            ) from None

    @cached_property
    def settings(self) -> StackSettings:
        """Return what the file says. Raises ConfigurationFault with everything that is wrong."""
        settings = load(values_in(self.file))
        if impossible := list(name_faults(self.names, settings)):
            raise ConfigurationFault(impossible)
        return settings

    @property
    def names(self) -> Names:
        """Return what names the stack's objects; names of before are not known, which a cluster tells."""
        return Names(stack=self.name, project=self.project)

    @cached_property
    def secret_key(self) -> str:
        """Return the stack's secret key. Raises ConfigurationFault where there is none, or ChartFault."""
        if self.key_file is not None:
            try:
                key: str | None = self.key_file.read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ChartFault(f"--secret-key-file {self.key_file} cannot be read: {error}") from None
        elif self._has(SECRET_KEY):
            key = self._opened(SECRET_KEY)
        else:
            key = kept_secret_key(self.name)
        check_secret_key(key)
        return str(key)

    @cached_property
    def given_secrets(self) -> Mapping[str, str]:
        """Return the secrets that the stack was given, by name. Raises ChartFault where Pulumi opens none."""
        return values_of(self._opened(SECRETS)) if self._has(SECRETS) else {}

    @property
    def ownership(self) -> Ownership:
        """Return what names the stack as the owner of its objects."""
        return Ownership(self.project, self.name, owner_fingerprint(self.secret_key), self.settings.adopts)

    def output_of(self, stack: str, name: str) -> object:
        """Return an output of a stack that was saved, None where it has none. Raises ChartFault."""
        if stack not in self.outputs:
            raise ChartFault(
                f"what stack {stack} tells is wanted. Save it: pulumi stack output --json --stack {stack} >"
                f" outputs.json, and add: --outputs {stack}=outputs.json"
            )
        file = self.outputs[stack]
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ChartFault(f"--outputs {stack}={file} cannot be read as JSON: {error}") from None
        if not isinstance(told, dict):
            raise ChartFault(f"--outputs {stack}={file} has no outputs: `pulumi stack output --json` does")
        return told.get(name)

    @cached_property
    def held(self) -> Mapping[str, str]:
        """Return the reference of every image of the stack, by its holder.

        One that the stack itself builds is named by its digest where the stack's own outputs were saved, else
        by its tag, which is its recipe's digest.
        """
        built = pushed_images(self.settings)
        own = f"organization/{self.project}/{self.name}"
        told: Any = self.output_of(own, "images") if own in self.outputs else None
        return {
            **built,
            **{holder: str(told[holder]) for holder in built if told and holder in told},
            **pulled_images(self.settings, self.output_of),
        }

    def _has(self, key: str) -> bool:
        written = yaml.safe_load(self.file.read_text(encoding="utf-8"))["config"]
        return not {f"{PREFIX}{key}", key}.isdisjoint(written)

    def _opened(self, key: str) -> str:
        """Return a secret that the file has encrypted. Raises ChartFault, which repeats none of it."""
        remedy = f"Type: . setup/activate{KEY_ITSELF if key == SECRET_KEY else ''}"
        command = ["pulumi", "config", "get", "--non-interactive", "--stack", self.name, f"{PREFIX}{key}"]
        try:
            asked = subprocess.run(
                command, cwd=self.file.parent, capture_output=True, text=True, timeout=LIMIT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ChartFault(f"pulumi cannot be asked for fate:{key}: {error}. {remedy}") from None
        if asked.returncode:
            raise ChartFault(f"pulumi cannot open fate:{key}: {asked.stderr.strip()}. {remedy}")
        return asked.stdout.strip()


@dataclass(frozen=True)
class ChartedParty:
    """A party on a cluster, as the owner of its services."""

    stack: StackFile
    settings: PartySettings
    cluster: KubernetesSettings
    owner: Owner
    images: Mapping[str, str]
    """By kind of service, the reference that the cluster pulls."""

    @property
    def namespace(self) -> str:
        """Return the party's namespace."""
        return self.stack.names.namespace(self.cluster, self.settings.id)

    @property
    def labels(self) -> Mapping[str, str]:
        """Return what says of each object whose it is."""
        return self.stack.ownership.labels(self.settings.id)

    @property
    def login(self) -> str | None:
        """Return the mirror that asks for a login: the stack's own on a cluster, or a Harbor it fills."""
        match self.stack.settings.mirror:
            case DistributionMirror(image=str()) as mirror:
                return mirror.pull_address
            case HarborMirror() as mirror:
                return mirror.authority
            case ExternalMirror(harbor=HarborElsewhere()) as mirror:
                return mirror.registry
            case _:
                return None

    @property
    def release(self) -> Release:
        """Return what its values are made of. Raises what the stack's secrets raise."""
        pull_secrets = (*self.cluster.pull_secrets, *((PULL_SECRET,) if self.login else ()))
        services = [service for service in self.owner.services if service.secrets]
        revisions = {service.name: self._revision(service) for service in services}
        return Release(
            self.owner, self.cluster, self.namespace, self.labels, self.images, revisions, pull_secrets
        )

    def _revision(self, service: Service) -> str:
        given = self.stack.given_secrets if any(secret.given for secret in service.secrets) else {}
        return revision(self.stack.secret_key, service, given)


def charted(stack: StackFile, party: str) -> ChartedParty:
    """Return a party of a stack.

    Raises ConfigurationFault for a file that cannot be used, ChartFault for a party that it has not, or that
    runs on Docker, and for what only other stacks tell.
    """
    settings = stack.settings
    found = next((each for each in settings.parties if each.id == party), None)
    if found is None:
        known = ", ".join(each.id for each in settings.parties_by_id) or "none"
        raise ChartFault(f"--party {party}: {stack.file.name} has no such party, but {known}")
    cluster = settings.runtime_of(found)
    if not isinstance(cluster, KubernetesSettings):
        raise ChartFault(
            f"party {party} of {stack.file.name} runs on Docker, and a chart is for a cluster. Write for it"
            " runtime: {kind: kubernetes, context: ...}"
        )
    try:
        routes = routes_of(settings, found, stack.names, stack.output_of)
        images = images_of(settings, found, stack.held)
    except RunError as fault:
        raise ChartFault(str(fault)) from None
    context = PartyContext(
        found,
        settings.release,
        settings.rotation,
        settings.images,
        tuple(routes),
        stack.names.domain(cluster, party),
    )
    references = {kind: str(reference) for kind, reference in images.items()}
    return ChartedParty(stack, found, cluster, owner_of(context), references)
