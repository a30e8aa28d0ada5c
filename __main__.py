"""A FATE federation as code: the stack's settings in, its parties and its mirror out."""

import gc

import pulumi
from pulumi import Input, ResourceOptions

from components import stack
from components.federation import routes_of
from components.images import built_images, pulled_images, through
from components.outputs import party_output
from components.party import Party, PartyArgs
from components.registry_mirror import RegistryMirror, RegistryMirrorArgs
from components.runtimes.runtime import Login
from components.services.topology import ports, topology
from config import DistributionMirror

gc.disable()  # this process ends soon; with 50 parties, collecting takes more than half of its time
settings = stack.read_settings()
kept_claims = stack.check_runtimes(settings)
stack.check_mirror(settings)
if settings.protect:
    stack.protect_what_is_kept()
name = pulumi.get_stack()
routes = {party.id: routes_of(settings, party, name, stack.output_of) for party in settings.parties}
runtimes = stack.runtimes(settings, kept_claims)
images: dict[str, Input[str]] = {}
logins: list[Login] = []
if isinstance(settings.mirror, DistributionMirror):
    mirror = RegistryMirror(
        "mirror",
        RegistryMirrorArgs(
            settings=settings.mirror,
            runtime=runtimes[""],
            built=built_images(settings),
            secret_key=stack.secret_key(),
        ),
        ResourceOptions(providers=stack.mirror_providers(settings.mirror, runtimes[""])),
    )
    images = {**mirror.images} or {**through(mirror.address, pulled_images(settings, stack.output_of))}
    logins = mirror.logins
    pulumi.export("mirror", mirror.address)
    pulumi.export("images", mirror.images)
else:
    images = {**pulled_images(settings, stack.output_of)}

parties = {}
for party in settings.parties:
    args = PartyArgs(
        settings=party,
        rotation=settings.rotation,
        runtime=runtimes[party.id],
        images=images,
        logins=logins,
        routes=routes[party.id],
        secret_key=stack.secret_key(),
    )
    made = Party(f"party-{party.id}", args, ResourceOptions(providers=[runtimes[party.id].provider]))
    parties[party.id] = party_output(settings, party, runtimes[party.id], made)

pulumi.export("release", settings.release)
pulumi.export("parties", parties)
pulumi.export("topology", topology(settings))
pulumi.export("ports", ports(settings))
