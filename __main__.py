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
from components.services.topology import ports, topology
from config import DistributionMirror

gc.disable()  # this process ends soon; with 50 parties, collecting takes more than half of its time
settings = stack.read_settings()
stack.check_engines(settings)
stack.check_mirror(settings)
routes = {party.id: routes_of(settings, party, stack.output_of) for party in settings.parties}
hosts = stack.docker_hosts(settings)
images: dict[str, Input[str]] = {}
if isinstance(settings.mirror, DistributionMirror):
    mirror = RegistryMirror(
        "mirror",
        RegistryMirrorArgs(settings=settings.mirror, host=hosts[""], built=built_images(settings)),
        ResourceOptions(providers={"docker": hosts[""].provider}, protect=settings.protect),
    )
    images = {**mirror.images} or {**through(mirror.address, pulled_images(settings, stack.output_of))}
    pulumi.export("mirror", mirror.address)
    pulumi.export("images", mirror.images)
else:
    images = {**pulled_images(settings, stack.output_of)}

parties = {}
for party in settings.parties:
    args = PartyArgs(
        settings=party,
        rotation=settings.rotation,
        host=hosts[party.id],
        images=images,
        routes=routes[party.id],
        secret_key=stack.secret_key(),
    )
    options = ResourceOptions(providers={"docker": hosts[party.id].provider}, protect=settings.protect)
    made = Party(f"party-{party.id}", args, options)
    parties[party.id] = party_output(settings, party, hosts[party.id], made)

pulumi.export("release", settings.release)
pulumi.export("parties", parties)
pulumi.export("topology", topology(settings))
pulumi.export("ports", ports(settings))
