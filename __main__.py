"""A FATE federation as code: the stack's settings in, its parties and its mirror out."""

import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence

import pulumi
from pulumi import Input, ResourceOptions

from components import stack, stack_checks, stack_runtimes
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
from config import DistributionMirror, PartySettings, StackSettings
from config.mirror import contents_of

LoginsOf = Callable[[str], Sequence[Login]]
"""By what a party pulls, by its id, or the exchange by `exchange`."""


async def main() -> Mapping[str, Input[object]]:
    """Check the whole stack, then declare mirror, exchange and one party after the other."""
    settings = stack.read_settings()
    found = stack_checks.check_runtimes(settings)
    output_of = await stack.outputs_of_others(settings)
    stack_checks.check_mirror(settings, output_of)
    stack_checks.check_external(settings)
    if settings.protect:
        stack.protect_what_is_kept()
    routes = {
        party.id: routes_of(settings, party, found.names, output_of) for party in settings.parties_by_id
    }
    stack_checks.check_charts(settings, found.names, routes)
    stack_checks.check_chart_registries(settings)
    star = routes_of_exchange(settings, found.names, output_of)
    runtimes = stack_runtimes.runtimes(settings, found)
    images, logins_of, outputs = _images(settings, runtimes, output_of)
    parties, addresses, pages = {}, {}, {}
    if settings.exchange:
        exchange = _exchange(settings, runtimes["exchange"], images, logins_of("exchange"), star)
        outputs = {**outputs, "exchange": exchange_output(settings, runtimes["exchange"], exchange)}
        addresses[""] = exchange.addresses
    for party in settings.parties_by_id:
        await asyncio.sleep(0)  # what is declared goes to Pulumi while the next party is declared
        pulled = images_of(settings, party, images)
        made = _party(settings, party, runtimes[party.id], pulled, logins_of(party.id), routes[party.id])
        addresses[party.id] = made.addresses
        parties[party.id] = party_output(settings, party, runtimes[party.id].address(party.id), made)
        pages[party.id] = page_logins(party, made)
    return {
        **outputs,
        **logins_output(pages),
        "release": settings.release,
        "parties": parties,
        "services": services_output(settings),
        "topology": topology(settings),
        "ports": ports(settings, addresses),
    }


def _party(
    settings: StackSettings,
    party: PartySettings,
    runtime: Runtime,
    images: Mapping[str, Input[str]],
    logins: Sequence[Login],
    routes: Sequence[Route],
) -> Party:
    args = PartyArgs(
        settings=party,
        release=settings.release,
        rotation=settings.rotation,
        images_from=settings.images,
        runtime=runtime,
        images=images,
        logins=logins,
        routes=routes,
        secret_key=stack.secret_key(),
        given_secrets=stack.given_secrets(),
    )
    return Party(f"party-{party.id}", args, ResourceOptions(providers=[runtime.provider]))


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
    settings: StackSettings, runtimes: Mapping[str, Runtime], output_of: StackOutput
) -> tuple[Mapping[str, Input[str]], LoginsOf, Mapping[str, Input[object]]]:
    """Return what parties pull by its holder, the logins for it, and what is told of a mirror of its own."""
    references = pulled_images(settings, output_of)
    if contents_of(settings.mirror):
        from components.filling import filled_harbor  # a third of a second is its own

        builder = stack_runtimes.harbor_builder(settings, runtimes[""])
        made, told = filled_harbor(settings, runtimes, stack.secret_key(), stack.given_secrets(), builder)
        return {**references, **made.images}, lambda who: [made.logins[who]], told
    if not isinstance(settings.mirror, DistributionMirror):
        return references, lambda _: [], {}
    mirror = RegistryMirror(
        "mirror",
        RegistryMirrorArgs(
            settings=settings.mirror,
            runtime=runtimes[""],
            built=built_images(settings),
            secret_key=stack.secret_key(),
        ),
        ResourceOptions(providers=stack_runtimes.mirror_providers(settings.mirror, runtimes[""])),
    )
    pulled = mirror.images | through(mirror.address, references)
    return pulled, lambda _: mirror.logins, {"mirror": mirror.address, "images": mirror.images}


gc.disable()  # this process ends soon; with 50 parties, collecting takes more than half of its time
pulumi.run(main)
