"""A FATE federation as code: the stack's settings in, its parties and its mirror out."""

import asyncio
import gc
from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Input, Output, ResourceOptions

from components import stack
from components.exchange import Exchange, ExchangeArgs
from components.federation import routes_of
from components.images import built_images, images_of, pulled_images, through
from components.other_stacks import StackOutput
from components.outputs import exchange_output, logins_output, page_logins, party_output, services_output
from components.party import Party, PartyArgs
from components.registry_mirror import RegistryMirror, RegistryMirrorArgs
from components.runtimes.runtime import Login, Runtime
from components.services.context import Route
from components.services.star import exchange_publications, exchange_service
from components.services.topology import ports, topology
from components.star import routes_of_exchange
from config import DistributionMirror, HarborMirror, StackSettings


async def main() -> Mapping[str, Input[object]]:
    """Check the whole stack, then declare mirror, exchange and one party after the other."""
    settings = stack.read_settings()
    found = stack.check_runtimes(settings)
    output_of = await stack.outputs_of_others(settings)
    stack.check_mirror(settings, output_of)
    stack.check_external(settings)
    if settings.protect:
        stack.protect_what_is_kept()
    routes = {
        party.id: routes_of(settings, party, found.names, output_of) for party in settings.parties_by_id
    }
    stack.check_charts(settings, found.names, routes)
    star = routes_of_exchange(settings, found.names, output_of)
    runtimes = stack.runtimes(settings, found)
    images, logins, outputs = _images(settings, runtimes[""], output_of)
    parties, addresses, logins_of = {}, {}, {}
    if settings.exchange:
        exchange = _exchange(settings, runtimes["exchange"], images, logins, star)
        outputs = {**outputs, "exchange": exchange_output(settings, runtimes["exchange"], exchange)}
        addresses[""] = exchange.addresses
    for party in settings.parties_by_id:
        await asyncio.sleep(0)  # what is declared goes to Pulumi while the next party is declared
        args = PartyArgs(
            settings=party,
            release=settings.release,
            rotation=settings.rotation,
            images_from=settings.images,
            runtime=runtimes[party.id],
            images=images_of(settings, party, images),
            logins=logins,
            routes=routes[party.id],
            secret_key=stack.secret_key(),
            given_secrets=stack.given_secrets(),
        )
        made = Party(f"party-{party.id}", args, ResourceOptions(providers=[runtimes[party.id].provider]))
        addresses[party.id] = made.addresses
        parties[party.id] = party_output(settings, party, runtimes[party.id].address(party.id), made)
        logins_of[party.id] = page_logins(party, made)
    return {
        **outputs,
        **logins_output(logins_of),
        "release": settings.release,
        "parties": parties,
        "services": services_output(settings),
        "topology": topology(settings),
        "ports": ports(settings, addresses),
    }


def _exchange(
    settings: StackSettings,
    runtime: Runtime,
    images: Mapping[str, Input[str]],
    logins: Sequence[Login],
    routes: Sequence[Route],
) -> Exchange:
    service = exchange_service(settings, routes)
    args = ExchangeArgs(
        service=service,
        publications=exchange_publications(settings),
        runtime=runtime,
        members=settings.met_by_the_exchange,
        image=images_of(settings, None, images)[service.kind],
        logins=logins,
        routes=routes,
    )
    return Exchange("exchange", args, ResourceOptions(providers=[runtime.provider]))


def _images(
    settings: StackSettings, runtime: Runtime, output_of: StackOutput
) -> tuple[Mapping[str, Input[str]], Sequence[Login], Mapping[str, Input[object]]]:
    """Return what parties pull by its holder, the logins for it, and what is told of a mirror of its own."""
    if isinstance(settings.mirror, HarborMirror):
        told, address = _harbor(settings.mirror, runtime)
        return through(address, pulled_images(settings, output_of)), [], told
    if not isinstance(settings.mirror, DistributionMirror):
        return pulled_images(settings, output_of), [], {}
    mirror = RegistryMirror(
        "mirror",
        RegistryMirrorArgs(
            settings=settings.mirror,
            runtime=runtime,
            built=built_images(settings),
            secret_key=stack.secret_key(),
        ),
        ResourceOptions(providers=stack.mirror_providers(settings.mirror, runtime)),
    )
    pulled = mirror.images | through(mirror.address, pulled_images(settings, output_of))
    return pulled, mirror.logins, {"mirror": mirror.address, "images": mirror.images}


def _harbor(settings: HarborMirror, runtime: Runtime) -> tuple[Mapping[str, Input[object]], Output[str]]:
    """Return what is told of a Harbor, and its address. Imported here: a third of a second is its own."""
    from components.harbor_mirror import Harbor, HarborArgs, harbor_output

    args = HarborArgs(
        settings=settings,
        runtime=runtime,
        secret_key=stack.secret_key(),
        given_secrets=stack.given_secrets(),
    )
    made = Harbor("mirror", args, ResourceOptions(providers=[runtime.provider]))
    return {"mirror": made.address, **harbor_output(made)}, made.address


gc.disable()  # this process ends soon; with 50 parties, collecting takes more than half of its time
pulumi.run(main)
